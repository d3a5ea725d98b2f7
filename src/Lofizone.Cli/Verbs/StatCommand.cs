using System.CommandLine;
using System.Text.Json;
using Lofizone.Accounting;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Measures;
using Lofizone.Zones;
using Spectre.Console;

namespace Lofizone.Cli.Verbs;

/// <c>zone stat [NAME...]</c>: shows the reads and writes of zones and their durations, once or at every interval.
internal static class StatCommand
{
    /// <summary>Longest interval, seconds: a day.</summary>
    private const double IntervalLimitSeconds = 86_400;

    private const double ShortestIntervalSeconds = 0.1;

    public static Command Create()
    {
        Argument<string[]> names = new Argument<string[]>("NAME")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "the zones; without it all that are up",
        }
            .Checked(ValueChecks.Zone);
        Option<double?> interval = new Option<double?>("--interval", "-i")
        {
            Description = "show rates of every so many seconds, until interrupted",
            HelpName = "SECONDS",
        }
            .Checked(ValueChecks.Number(ShortestIntervalSeconds, IntervalLimitSeconds));
        Option<int?> count = new Option<int?>("--count", "-c")
        {
            Description = "end after so many intervals (of 1 s without -i)",
            HelpName = "COUNT",
        }
            .Checked(ValueChecks.Whole(1));
        Option<bool> layers = new("--layers", "-l") { Description = "show every layer with its operations and latencies" };
        Option<bool> parsable = new("--parsable", "-p") { Description = "for programs: " + StatLines.ParsableFields };
        Option<bool> json = new("--json") { Description = "one line of JSON for each interval" };
        Option<bool> metrics = new("--openmetrics")
        {
            Description = "OpenMetrics text since attach, with what zones use, for node_exporter's textfile collector or a scrape",
        };
        Command command = new(
            "stat", "show what zones read and write, and how long it takes") { names, interval, count, layers, parsable, json, metrics };
        command.SetAction((parsed, cancellation) =>
        {
            WrongUsage.Refuse(
                new[] { parsed.GetValue(parsable), parsed.GetValue(json), parsed.GetValue(metrics), parsed.GetValue(layers) }
                    .Count(v => v) > 1,
                "-p, -l, --json and --openmetrics exclude each other");
            WrongUsage.Refuse(
                parsed.GetValue(metrics) && (parsed.GetValue(interval) ?? parsed.GetValue(count)) is not null,
                "--openmetrics prints counters once; their reader computes rates");
            Form form = parsed.GetValue(json) ? Form.Json
                : parsed.GetValue(parsable) ? Form.Parsable
                : parsed.GetValue(layers) ? Form.Layers
                : Form.Table;
            ZoneHost host = ZoneHost.FromEnvironment();
            return parsed.GetValue(metrics)
                ? MetricsAsync(host, parsed.GetValue(names)!, cancellation)
                : CommandOutput.WhileReadAsync(
                    c => RunAsync(
                        host, parsed.GetValue(names)!, Interval(parsed.GetValue(interval), parsed.GetValue(count)), parsed.GetValue(count),
                        form, c), cancellation);
        });
        return command;
    }

    private enum Form
    {
        Table,
        Layers,
        Parsable,
        Json,
    }

    private static TimeSpan? Interval(double? seconds, int? count) =>
        seconds is { } given ? TimeSpan.FromSeconds(given) : count is not null ? TimeSpan.FromSeconds(1) : null;

    private static async Task<int> MetricsAsync(ZoneHost host, string[] names, CancellationToken cancellation)
    {
        BrokenZones broken = new("zone");
        IReadOnlyList<ZoneStatus> statuses = Zones(host, names, broken, onlyUp: false);
        IReadOnlyList<DeviceSample> zones = await new Sampler(host).ZonesAsync(statuses, cancellation);
        IReadOnlyList<DeviceSample> others = names.Length > 0
            ? []
            : await new Sampler(host).DevicesAsync([.. host.Lofi.List().Where(d => d.ZoneName is null)], cancellation);
        await Console.Out.WriteAsync(OpenMetricsText.Write([.. zones, .. others], new UsageSampler(host).Sample(statuses).Zones));
        return broken.Report();
    }

    private static async Task<int> RunAsync(
        ZoneHost host, string[] names, TimeSpan? interval, int? count, Form form, CancellationToken cancellation)
    {
        BrokenZones broken = new("zone");
        Sampler sampler = new(host);
        // Names are checked before any output. The zones that are up may change while the command runs.
        IReadOnlyList<DeviceSample> before = await sampler.ZonesAsync(Zones(host, names, broken, names.Length == 0), cancellation);
        if (interval is null)
        {
            Show(before, form, first: true);
            return broken.Report();
        }

        bool live = form == Form.Table && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
        try
        {
            if (live)
                await AnsiConsole.Live(new Text(""))
                    .StartAsync(context => EachAsync((samples, _) =>
                        context.UpdateTarget(StatLines.LiveLines(samples, AnsiConsole.Profile.Width))));
            else
                await EachAsync((samples, first) => Show(samples, form, first));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The user has ended the display, which is the normal end of a display without a count.
        }

        return broken.Report();

        async Task EachAsync(Action<IReadOnlyList<DeviceSample>, bool> show)
        {
            for (int i = 0; count is null || i < count; i++)
            {
                await Task.Delay(interval.Value, host.Time, cancellation);
                IReadOnlyList<DeviceSample> now = await sampler.ZonesAsync(
                    Zones(host, names, new BrokenZones("zone"), names.Length == 0), cancellation);
                IReadOnlyList<DeviceSample> difference =
                [
                    .. now.Select(n => before.FirstOrDefault(b => b.Zone == n.Zone) is { } b ? n.Since(b) : n),
                ];
                before = now;
                show(difference, i == 0);
            }
        }
    }

    private static IReadOnlyList<ZoneStatus> Zones(ZoneHost host, string[] names, BrokenZones broken, bool onlyUp) => names.Length > 0
        ? [.. names.Distinct(StringComparer.Ordinal).Select(n => host.Status(host.Require(n)))]
        : [.. broken.Sound(host).Where(z => !onlyUp || z.State.IsUp())];

    private static void Show(IReadOnlyList<DeviceSample> samples, Form form, bool first)
    {
        switch (form)
        {
            case Form.Json:
                Console.WriteLine(JsonSerializer.Serialize(StatInterval.Of(samples), StatJson.Default.StatInterval));
                break;
            case Form.Parsable:
                StatLines.WriteParsable(samples, Console.Out);
                break;
            case Form.Layers:
                StatLayers.Write(samples, Console.Out);
                break;
            default:
                StatLines.Write(samples, first, Console.Out);
                break;
        }
    }
}
