using System.CommandLine;
using Lofizone.Accounting;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zonestat [-z ZONES] [-r RESOURCES] … INTERVAL [DURATION [REPORT]]</c>, as in zonestat(1).</summary>
internal static class ZonestatCommand
{
    private const string Times = "u, d, i";

    public static RootCommand Create()
    {
        Option<string[]> zones = List(
            "-z", "ZONES", "show these zones only, names with commas between", n => n == ZoneName.Global ? null : ValueChecks.Zone(n));
        Option<string[]> resources = List(
            "-r", "RESOURCES", $"show these resources: {string.Join(", ", ZonestatResource.Names)}", ZonestatResource.Check);
        Option<string[]> sets = List(
            "-n", "NAMES", "show the resources of these names only: mem_default, pset_default, a zone with CPUs of its own, ...",
            _ => null);
        Option<string[]> reports = List(
            "-R", "REPORTS", $"report over the whole time at the end: {string.Join(", ", ZonestatOptions.ReportNames)}",
            OneOf("report", ZonestatOptions.ReportNames));
        Option<string[]> sort = List(
            "-S", "COLUMNS", $"sort by {string.Join(", ", ZonestatOptions.SortColumns)}", OneOf("column", ZonestatOptions.SortColumns));
        Option<string[]> lines = List(
            "-P", "LINES", $"with -p: print these lines only: {string.Join(", ", ZonestatOptions.LineKinds)}",
            OneOf("kind of line", ZonestatOptions.LineKinds));
        Option<string?> time = new Option<string?>("-T")
        {
            Description = "print the time: u as seconds, d as date(1) does, i as ISO 8601",
            HelpName = "FORM",
        }
            .Checked(OneOf("form of a time", Times.Split(", ")));
        Option<bool> quiet = new("-q") { Description = "print no intervals, only the reports of -R" };
        Option<bool> parsable = new("-p") { Description = "for programs: REPORT:RESOURCE:FIELD[:FIELD]..." };
        Option<bool> json = new("--json") { Description = "one line of JSON for each interval and report" };
        Argument<string> interval = new Argument<string>("INTERVAL")
        {
            Description = "seconds between reports, a time like 1m30s, or default (5 s)",
        }
            .Checked(ZonestatTimes.CheckInterval);
        Argument<string?> duration = new Argument<string?>("DURATION")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "number of intervals, a time like 1h, or inf (the default)",
        }
            .Checked(ZonestatTimes.CheckIntervals);
        Argument<string?> report = new Argument<string?>("REPORT")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "with -R: intervals of one report, or a time",
        }
            .Checked(ZonestatTimes.CheckIntervals);
        RootCommand root = new("show what zones use of the machine, of their caps and of their shares")
        {
            zones, resources, sets, reports, sort, lines, time, quiet, parsable, json, interval, duration, report,
        };
        root.SetAction((parsed, cancellation) =>
        {
            string[] Values(Option<string[]> option) => [.. (parsed.GetValue(option) ?? []).SelectMany(v => v.Split(','))];
            bool programs = parsed.GetValue(parsable) || parsed.GetValue(json);
            WrongUsage.Refuse(parsed.GetValue(parsable) && parsed.GetValue(json), "-p and --json exclude each other");
            WrongUsage.Refuse(Values(lines).Length > 0 && !parsed.GetValue(parsable), "-P belongs to -p");
            WrongUsage.Refuse(
                parsed.GetValue(quiet) && Values(reports).Length == 0, "-q leaves nothing to print without -R");
            WrongUsage.Refuse(parsed.GetValue(report) is not null && Values(reports).Length == 0, "REPORT belongs to -R");
            WrongUsage.Refuse(
                Values(sort).Count(c => c is "cpu" or "physical-memory" or "virtual-memory") > 1,
                "-S: one of cpu, physical-memory and virtual-memory sorts the summary");
            long seconds = ZonestatTimes.Interval(parsed.GetValue(interval)!)!.Value;
            ZonestatOptions options = new()
            {
                Zones = Values(zones),
                Resources = Values(resources) is { Length: > 0 } some ? ZonestatResource.Of(some) : [ZonestatResource.Summary],
                Sets = Values(sets),
                Reports = [.. Enum.GetValues<ReportKind>().Where(k => Values(reports).Contains(ZonestatOptions.ReportNames[(int)k]))],
                Sort = Values(sort),
                Lines = Values(lines) is { Length: > 0 } kinds ? kinds : ZonestatOptions.LineKinds,
                Timestamp = parsed.GetValue(time)?[0],
                IntervalSeconds = seconds,
                Intervals = parsed.GetValue(duration) is { } length ? ZonestatTimes.Intervals(length, seconds)!.Value : long.MaxValue,
                ReportEvery = parsed.GetValue(report) is { } period ? ZonestatTimes.Intervals(period, seconds) : null,
            };
            Root.Require("zonestat");
            IZonestatWriter writer = parsed.GetValue(json) ? new ZonestatJson(options, Console.Out)
                : programs ? new ZonestatLines(options, Console.Out)
                : new ZonestatText(options, Console.Out);
            ZoneHost host = ZoneHost.FromEnvironment();
            return CommandOutput.WhileReadAsync(
                c => new ZonestatRun(host, options, writer, parsed.GetValue(quiet)).RunAsync(c), cancellation);
        });
        return root;
    }

    /// <summary>An option that may be given several times, each time with values between commas.</summary>
    private static Option<string[]> List(string name, string value, string description, Func<string, string?> check) =>
        new Option<string[]>(name)
        {
            Description = description,
            HelpName = value,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        }
            .Checked(text => text.Split(',').Select(v => v.Length == 0 ? "a value is empty" : check(v)).FirstOrDefault(w => w is not null));

    private static Func<string, string?> OneOf(string what, IReadOnlyList<string> known) => text =>
        known.Contains(text) ? null : $"'{SafeText.Text(text)}' is no {what}; there are {string.Join(", ", known)}";
}
