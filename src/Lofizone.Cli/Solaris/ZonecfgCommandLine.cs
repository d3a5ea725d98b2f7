using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Config.Zonecfg;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zonecfg -z ZONE [-f FILE | COMMANDS]</c>, as in zonecfg(8).</summary>
internal static class ZonecfgCommandLine
{
    public static RootCommand Create()
    {
        Option<string?> zone = new Option<string?>("-z", "--zone") { Description = "the zone; only help does without", HelpName = "ZONE" }
            .Checked(ValueChecks.Zone);
        Option<string?> uuid = new Option<string?>("-u") { Description = "the zone by its UUID", HelpName = "UUID" }
            .Checked(text => Guid.TryParse(text, out _) ? null : $"'{SafeText.Text(text)}' is no UUID");
        Option<bool> live = new("-r") { Description = "the live configuration of a running zone, which is lost at its next boot" };
        Option<string?> file = new("-f") { Description = "commands from this file; - is standard input", HelpName = "FILE" };
        Argument<string[]> commands = new("COMMANDS")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "commands, separated by ';'; none for a session",
        };
        RootCommand root = new("configure a zone") { zone, uuid, live, file, commands };
        root.SetAction((parsed, cancellation) =>
        {
            string[] words = parsed.GetValue(commands)!;
            WrongUsage.Refuse(parsed.GetValue(file) is not null && words.Length > 0, "-f and commands exclude each other");
            WrongUsage.Refuse(parsed.GetValue(zone) is not null && parsed.GetValue(uuid) is not null, "-z and -u exclude each other");
            if (parsed.GetValue(zone) is not null || parsed.GetValue(uuid) is not null)
            {
                Root.Require("zonecfg");
                ZoneHost host = ZoneHost.FromEnvironment();
                string name = parsed.GetValue(zone) ?? NameOf(host, Guid.Parse(parsed.GetValue(uuid)!));
                return RunAsync(host, name, parsed.GetValue(live), parsed.GetValue(file), words, cancellation);
            }

            WrongUsage.Refuse(words is not ["help" or "?", ..], "-z ZONE is missing");
            WrongUsage.Refuse(words.Length > 2, $"help: {SafeText.Text(words[^1])}: is one word too many");
            Console.Out.Write(ZonecfgReference.Help(words.ElementAtOrDefault(1)));
            return Task.FromResult(0);
        });
        return root;
    }

    /// <summary>The commands of a session.</summary>
    public static IReadOnlyList<CommandDescription> Describe() =>
        [.. ZonecfgReference.Commands.Select(c => new CommandDescription(c.Name, c.Meaning, [], [], []) { Syntax = c.Usage })];

    private static string NameOf(ZoneHost host, Guid uuid) =>
        host.All(_ => { }).FirstOrDefault(z => z.Record.Config.Uuid == uuid)?.Name
        ?? throw new LofizoneException($"{uuid}: no zone of this host has this UUID", "'zoneadm list -cp' shows the zones' UUIDs");

    private static async Task<int> RunAsync(
        ZoneHost host, string zone, bool live, string? file, string[] commands, CancellationToken cancellation)
    {
        IZoneConfigStore store = live ? new LiveConfigStore(host) : new ZoneConfigStore(host);
        ZonecfgSession session = new(store, zone, new ConsoleZonecfgIo(), [.. host.Brands.Keys]);
        if (commands.Length > 0)
            return await session.RunArgumentAsync(string.Join(' ', commands), cancellation);
        if (file is null)
            return await session.RunInteractiveAsync(cancellation);
        if (file == "-")
            return await session.RunFileAsync(Console.In, "standard input", cancellation);
        if (!File.Exists(file))
            throw new LofizoneException($"{file}: no such file", "name a file of zonecfg commands; 'zonecfg -z ZONE export' writes one");
        using StreamReader reader = new(file);
        return await session.RunFileAsync(reader, file, cancellation);
    }
}
