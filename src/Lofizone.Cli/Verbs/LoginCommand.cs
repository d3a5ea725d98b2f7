using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone login NAME [-- COMMAND…]</c> and <c>zone console NAME</c>.</summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        Argument<string> zone = new Argument<string>("NAME") { Description = "a running zone" }.Checked(ValueChecks.Zone);
        Argument<string[]> words = new("COMMAND")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "what to run instead of a login shell; write -- before it",
        };
        Command command = new("login", "a shell or a command in the running zone; its exit code is ours") { zone, words };
        command.SetAction((parsed, cancellation) => LoginAsync(parsed.GetValue(zone)!, parsed.GetValue(words)!, cancellation));
        return command;
    }

    public static Command CreateConsole()
    {
        Argument<string> zone = new Argument<string>("NAME") { Description = "a running zone" }.Checked(ValueChecks.Zone);
        Command command = new("console", "the zone's console; ~. at the start of a line leaves it") { zone };
        command.SetAction((parsed, cancellation) => ConsoleAsync(parsed.GetValue(zone)!, cancellation));
        return command;
    }

    private static Task<int> LoginAsync(string zone, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        ZoneHost host = RequireRunning(zone);
        bool terminal = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        return host.Runtime.ExecAsync(zone, words, terminal, cancellation: cancellation);
    }

    private static Task<int> ConsoleAsync(string zone, CancellationToken cancellation) =>
        RequireRunning(zone).Runtime.ConsoleAsync(zone, cancellation: cancellation);

    internal static ZoneHost RequireRunning(string zone)
    {
        Root.Require($"login {zone}");
        ZoneHost host = ZoneHost.FromEnvironment();
        ZoneState state = host.Status(host.Require(zone)).State;
        if (state is not (ZoneState.Running or ZoneState.ShuttingDown))
            throw new LofizoneException($"{zone}: is not running (it is {state.Text()})", $"zone boot {zone}");
        return host;
    }
}
