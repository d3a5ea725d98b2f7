using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Hosts;
using Lofizone.Moving;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone evacuate [--to HOST...] [-n]</c> and <c>zone evacuate --back [-n]</c>.</summary>
internal static class EvacuateCommand
{
    public static Command Create()
    {
        Option<string[]> to = new Option<string[]>("--to")
        {
            Description = "the hosts, as for ssh; without it those in /etc/lofizone/neighbours, one on a line",
            HelpName = "HOST",
            AllowMultipleArgumentsPerToken = true,
        }
            .Checked(SshOptions.Problem);
        Option<bool> dry = new("-n") { Description = "change nothing; check all hosts and say which zone would go where" };
        Option<bool> back = new("--back") { Description = "bring home what was moved away (/etc/lofizone/evacuated.json)" };
        SshOptions ssh = new();
        Command command = new(
            "evacuate",
            "move all installed zones to other hosts, each to the one where the fewest zones run (for a zone at rest: are installed); "
            + "one that can't be moved stays as it is")
        {
            to, dry, back,
        };
        ssh.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            ssh.Check(parsed);
            WrongUsage.Refuse(
                parsed.GetValue(back) && parsed.GetValue(to) is { Length: > 0 },
                "evacuate: --back knows where the zones are, and takes no --to");
            Root.Require("evacuate");
            ZoneHost host = ZoneHost.FromEnvironment();
            ConsoleReporter reporter = new(host.Time);
            Evacuation evacuation = new(host, ssh.Take(parsed), reporter);
            bool noExecute = parsed.GetValue(dry);
            if (parsed.GetValue(back))
            {
                Task<SshSession> Open(EvacuatedZone zone) =>
                    SshOptions.OpenAsync(host, ssh.Destination(parsed, zone.To) with { Program = zone.Program }, reporter, cancellation);
                return Report(
                    await evacuation.BackAsync(Open, noExecute, cancellation), "FROM", noExecute ? "can come home" : "is home",
                    "no zone is away");
            }

            List<SshSession> targets = [];
            try
            {
                await OpenAsync(
                    parsed, host, ssh, parsed.GetValue(to) is { Length: > 0 } named ? named : Neighbours(host.Paths), targets, reporter,
                    cancellation);
                BrokenZones broken = new("zone");
                int moved = Report(
                    await evacuation.RunAsync(broken.Sound(host), targets, noExecute, cancellation), "TO",
                    noExecute ? "can be moved" : "moved", "no zone is installed here");
                return Math.Max(moved, broken.Report());
            }
            finally
            {
                foreach (SshSession target in targets)
                    await target.DisposeAsync();
            }
        });
        return command;
    }

    /// <summary>
    /// Connects to the hosts. A host that can't be reached is reported and left out, as long as another host can be reached.
    /// </summary>
    private static async Task OpenAsync(
        ParseResult parsed, ZoneHost host, SshOptions ssh, IReadOnlyList<string> names, List<SshSession> targets, IReporter reporter,
        CancellationToken cancellation)
    {
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            try
            {
                targets.Add(await SshOptions.OpenAsync(host, ssh.Destination(parsed, name), reporter, cancellation));
            }
            catch (LofizoneException error)
            {
                Failure.Print("zone", error);
            }
        }

        if (targets.Count == 0)
            throw new LofizoneException("no host that zones could be moved to can be reached", "name others: --to HOST");
    }

    private static string[] Neighbours(HostPaths paths)
    {
        string[] lines =
        [
            .. System.Text.Encoding.UTF8.GetString(HostFile.Read(paths.Neighbours) ?? []).Split('\n').Select(l => l.Split('#')[0].Trim())
            .Where(l => l.Length > 0),
        ];
        return lines.Length > 0
            ? lines
            : throw new LofizoneException(
                "no host is named to move zones to", $"name them: --to HOST; or write them into {paths.Neighbours}, one on a line");
    }

    private static int Report(IReadOnlyList<EvacuationRow> rows, string direction, string done, string nothing)
    {
        if (rows.Count == 0)
        {
            Console.WriteLine(nothing);
            return 0;
        }

        Table table = new("ZONE", "STATE", direction, "RESULT");
        foreach (EvacuationRow row in rows)
            table.Add(row.Zone, row.Was, row.Host ?? "-", row.Failure is { } failure ? failure.Message : done);
        table.Write(Console.Out);
        EvacuationRow[] failed = [.. rows.Where(r => r.Failure is not null)];
        foreach (EvacuationRow row in failed)
            Failure.Print($"zone {row.Zone}", row.Failure!);
        return failed.Length > 0 ? Failure.ExitFailure : 0;
    }
}
