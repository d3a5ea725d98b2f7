using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;
using Lofizone.Config;
using Lofizone.Interop;
using Lofizone.Runtime;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zlogin [-CdEQS] [-e c] [-l user] ZONE</c> and <c>zlogin [-inEQS] [-e c] [-l user] ZONE COMMAND…</c>: zlogin(1).</summary>
internal static class ZloginCommand
{
    public static RootCommand Create()
    {
        Option<bool> console = new("-C") { Description = "the zone's console, also over the zone's halts and boots" };
        Option<bool> disconnect = new("-d") { Description = "with -C: disconnect when the zone halts" };
        Option<string?> key = new Option<string?>("-e")
        {
            Description = "the escape key in the place of ~; a backslash and octal digits give any byte",
            HelpName = "CHARACTER",
        }
            .Checked(EscapeKey.Problem);
        Option<bool> noKey = new("-E") { Description = "no escape key" };
        Option<bool> interactive = new("-i") { Description = "a terminal for the command, which is run without a shell" };
        Option<string?> user = new("-l") { Description = "a user of the zone; root without this option", HelpName = "USER" };
        Option<bool> noInput = new("-n") { Description = "no input for the command" };
        Option<bool> quiet = new("-Q") { Description = "no messages about the connection" };
        Option<bool> safe = new("-S") { Description = "root's /bin/sh, without a look into the zone's files; for a damaged zone" };
        Argument<string> zone = new Argument<string>("ZONE") { Description = "the zone" }
            .Checked(name => name == ZoneName.Global ? "the global zone is this host itself" : ValueChecks.Zone(name));
        Argument<string[]> words = new("COMMAND")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "a line for a shell of the zone, in one word or several; none for a login",
        };
        RootCommand root = new("enter a zone")
        {
            console, disconnect, key, noKey, interactive, user, noInput, quiet, safe, zone, words,
        };
        root.SetAction((parsed, cancellation) =>
        {
            string[] command = parsed.GetValue(words)!;
            bool toConsole = parsed.GetValue(console);
            CheckCombination(parsed, [console, disconnect, key, noKey, interactive, user, noInput, safe], command.Length > 0);
            byte? escape = parsed.GetValue(noKey) ? null : EscapeKey.Of(parsed.GetValue(key));
            if (toConsole)
            {
                ConsoleOptions options = new()
                {
                    EscapeKey = escape,
                    End = parsed.GetValue(disconnect) ? ConsoleEnd.WithZone : ConsoleEnd.WithUser,
                    Quiet = parsed.GetValue(quiet),
                };
                return ConsoleAsync(parsed.GetValue(zone)!, options, cancellation);
            }

            bool terminal = !Console.IsInputRedirected && (command.Length == 0 || parsed.GetValue(interactive));
            LoginRequest request = new()
            {
                Command = parsed.GetValue(interactive) ? command : [],
                Line = parsed.GetValue(interactive) ? [] : command,
                User = parsed.GetValue(user),
                Mode = parsed.GetValue(safe) ? LoginMode.Safe : LoginMode.Usual,
                Terminal = terminal,
                EscapeKey = escape,
                Announce = terminal && !parsed.GetValue(quiet),
            };
            return LoginAsync(parsed.GetValue(zone)!, request, parsed.GetValue(noInput), cancellation);
        });
        return root;
    }

    /// <summary>Refuses options that exclude each other, and options of the wrong mode.</summary>
    private static void CheckCombination(ParseResult parsed, IEnumerable<Option> options, bool command)
    {
        HashSet<string> given = [.. options.Where(o => parsed.GetResult(o) is { Implicit: false }).Select(o => o.Name)];
        bool console = given.Contains("-C");
        foreach (string other in (string[])["-l", "-n", "-S", "-i"])
            WrongUsage.Refuse(console && given.Contains(other), $"{other} is not for the console");
        WrongUsage.Refuse(console && command, "the console takes no command");
        WrongUsage.Refuse(!console && given.Contains("-d"), "-d is for the console, which -C names");
        foreach (string alone in (string[])["-n", "-i"])
            WrongUsage.Refuse(!command && given.Contains(alone), $"{alone} is for a command");
        foreach ((string one, string other) in ((string, string)[])[("-i", "-n"), ("-S", "-l"), ("-e", "-E")])
            WrongUsage.Refuse(given.IsSupersetOf([one, other]), $"{one} and {other} exclude each other");
    }

    private static async Task<int> LoginAsync(string zone, LoginRequest request, bool noInput, CancellationToken cancellation)
    {
        ZoneHost host = LoginCommand.RequireRunning(zone);
        if (!noInput)
            return await host.Runtime.LoginAsync(zone, request, cancellation: cancellation);
        using FileDescriptor nothing = DescriptorPath.Open("/dev/null", DescriptorPath.ReadOnly);
        return await host.Runtime.LoginAsync(zone, request, LoginStreams.Standard with { Input = nothing.Number }, cancellation);
    }

    /// <summary>Connects to the console. That of an installed zone waits for the boot, unless the session ends with the zone.</summary>
    private static Task<int> ConsoleAsync(string zone, ConsoleOptions options, CancellationToken cancellation)
    {
        if (options.End == ConsoleEnd.WithZone)
            return LoginCommand.RequireRunning(zone).Runtime.ConsoleAsync(zone, options: options, cancellation: cancellation);
        Root.Require($"login {zone}");
        ZoneHost host = ZoneHost.FromEnvironment();
        ZoneState state = host.Status(host.Require(zone)).State;
        if (state is ZoneState.Configured or ZoneState.Incomplete)
            throw new LofizoneException($"{zone}: has no console (it is {state.Text()})", $"zone install {zone}");
        return host.Runtime.ConsoleAsync(zone, options: options, cancellation: cancellation);
    }
}
