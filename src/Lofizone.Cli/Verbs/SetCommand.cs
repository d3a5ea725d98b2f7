using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone set NAME PROPERTY=VALUE…</c>: changes the configuration, and the running zone where that is possible.</summary>
internal static class SetCommand
{
    public static Command Create()
    {
        Argument<string> name = new Argument<string>("NAME") { Description = "the zone" }.Checked(ValueChecks.Zone);
        Argument<string[]> assignments = new Argument<string[]>("ASSIGNMENT")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "PROPERTY=VALUE or RESOURCE.PROPERTY=VALUE; an empty value clears the property",
        }
            .Checked(ConfigAssignments.Problem);
        Command command = new("set", "change a zone's configuration; a running zone gets what needs no reboot") { name, assignments };
        command.SetAction((parsed, cancellation) => ChangeAsync(
            parsed.GetValue(name)!,
            "set",
            (config, brands) => Task.FromResult(ConfigAssignments.Apply(config, parsed.GetValue(assignments)!, brands)),
            cancellation));
        return command;
    }

    /// <summary>Changes a zone's configuration as a whole or not at all, and then the running zone.</summary>
    internal static async Task<int> ChangeAsync(
        string zone,
        string verb,
        Func<ZoneConfig, IReadOnlyCollection<string>, Task<ZoneConfig>> change,
        CancellationToken cancellation)
    {
        Root.Require($"{verb} {zone}");
        ZoneHost host = ZoneHost.FromEnvironment();
        await Lifecycle.NoteAsync(host.Paths, zone, verb, async () =>
        {
            ZoneConfigStore store = new(host);
            ZoneConfig before = host.Require(zone).Config;
            IReadOnlyCollection<string> brands = [.. host.Brands.Keys];
            ZoneConfig after = (await change(before, brands)) with { Uuid = before.Uuid };
            await new ConfigReplacement(store, brands).RunAsync(before, after, cancellation);
            if (host.Status(host.Require(zone)).State == ZoneState.Running)
            {
                LiveReport.Print(zone, await new ZoneLive(host, zone).ApplyAsync(noExecute: false, cancellation), isDry: false,
                    Console.Out);
                return;
            }

            foreach (ConfigChange one in ConfigDifference.Between(before, after))
                await Console.Out.WriteLineAsync($"{zone}: {one.Text}");
        });
        return 0;
    }
}
