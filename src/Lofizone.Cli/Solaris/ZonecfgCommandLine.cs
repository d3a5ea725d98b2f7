using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zonecfg -z ZONE [-f FILE | COMMANDS]</c>, as in zonecfg(8).</summary>
internal static class ZonecfgCommandLine
{
    public static RootCommand Create()
    {
        Option<string> zone = new("-z", "--zone") { Description = "the zone", HelpName = "ZONE", Required = true };
        Option<string?> file = new("-f") { Description = "commands from this file; - is standard input", HelpName = "FILE" };
        Argument<string[]> commands = new("COMMANDS") { Arity = ArgumentArity.ZeroOrMore, Description = "commands, separated by ';'; none for a session" };
        RootCommand root = new("configure a zone") { zone, file, commands };
        root.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null && result.GetValue(commands) is { Length: > 0 })
                result.AddError("-f and commands exclude each other");
        });
        root.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(zone)!, parsed.GetValue(file), parsed.GetValue(commands)!, cancellation));
        return root;
    }

    private static async Task<int> RunAsync(string zone, string? file, string[] commands, CancellationToken cancellation)
    {
        ZoneName.Check(zone);
        Root.Require($"zonecfg -z {zone}");
        ZoneHost host = ZoneHost.FromEnvironment();
        ZonecfgSession session = new(new ZoneConfigStore(host), zone, new ConsoleZonecfgIo(), [.. host.Brands.Keys]);
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
