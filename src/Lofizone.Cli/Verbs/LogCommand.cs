using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Hosts;
using Lofizone.Logs;
using Lofizone.Runtime;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone log</c> and <c>zone events</c>: what happened to zones.</summary>
internal static class LogCommand
{
    /// <summary>Number of lines without -n.</summary>
    private const int DefaultLines = 100;

    /// <summary>Interval at which a log that is followed is looked at. A look asks for the file's size.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);

    public static Command CreateLog()
    {
        Argument<string> name = new Argument<string>("NAME") { Description = "the zone" }.Checked(ValueChecks.Zone);
        Option<bool> follow = Follow();
        Option<int?> lines = Lines();
        Command command = new("log", "show a zone's console and what happened to the zone, by the time") { name, follow, lines };
        command.SetAction((parsed, cancellation) =>
        {
            string zone = parsed.GetValue(name)!;
            Root.Require($"log {zone}");
            ZoneHost host = ZoneHost.FromEnvironment();
            Source events = Events(host.Paths, zone, e => $"* {e}"), console = Console(host.Paths, zone);
            if (host.Index.Load(zone) is null && !console.Exists && EventLog.Read(host.Paths).All(e => e.Zone != zone))
                throw new LofizoneException(
                    $"{zone}: No such zone configured, and no log of it is left", "'zone list' shows the zones of this host");
            return RunAsync([console, events], parsed.GetValue(lines) ?? DefaultLines, parsed.GetValue(follow), host.Time, cancellation);
        });
        return command;
    }

    public static Command CreateEvents()
    {
        Argument<string?> name = new Argument<string?>("NAME")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "the zone; without it all zones",
        }
            .Checked(ValueChecks.Zone);
        Option<bool> follow = Follow();
        Option<int?> lines = Lines();
        Option<bool> json = new("--json") { Description = "for programs: one JSON object on each line" };
        Command command = new(
            "events", "show what happened to zones: changes of state, operations, failures; when, by whom and why")
        {
            name, follow, lines, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            Root.Require("events");
            ZoneHost host = ZoneHost.FromEnvironment();
            bool programs = parsed.GetValue(json);
            Source events = Events(
                host.Paths, parsed.GetValue(name),
                e => programs ? JsonSerializer.Serialize(e, EventJson.Default.ZoneEvent) : $"{SafeText.Text(e.Zone)}: {e}")
                with
            { HasTimes = !programs };
            return RunAsync([events], parsed.GetValue(lines) ?? DefaultLines, parsed.GetValue(follow), host.Time, cancellation);
        });
        return command;
    }

    private static Option<bool> Follow() => new("--follow", "-f") { Description = "go on with what comes, until interrupted" };

    private static Option<int?> Lines() => new Option<int?>("--lines", "-n")
    {
        Description = $"show so many lines at first ({DefaultLines} without it)",
        HelpName = "NUMBER",
    }
        .Checked(ValueChecks.Whole(0));

    private static Source Events(HostPaths paths, string? zone, Func<ZoneEvent, string> text) => new(
        [EventLog.FileOf(paths) + BoundedFile.Aside, EventLog.FileOf(paths)],
        line => EventLog.Parse(line) is { } happened && (zone is null || happened.Zone == zone) ? (happened.At, text(happened)) : null);

    private static Source Console(HostPaths paths, string zone) => new(
        [ZonePaths.ConsoleLog(paths, zone)], line => ConsoleLine.Parse(line) is { } said ? (said.At, $"| {said.Text}") : null);

    private static Task<int> RunAsync(
        IReadOnlyList<Source> sources, int lines, bool follow, TimeProvider time, CancellationToken cancellation) =>
        CommandOutput.WhileReadAsync(c => ShowAsync(sources, lines, follow, time, c), cancellation);

    private static async Task<int> ShowAsync(
        IReadOnlyList<Source> sources, int lines, bool follow, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            Write(sources.SelectMany(s => s.First()).OrderBy(l => l.At).TakeLast(lines));
            while (follow)
            {
                await Task.Delay(_interval, time, cancellation);
                Write(sources.SelectMany(s => s.More()).OrderBy(l => l.At));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The user has ended the display, which is its normal end.
        }
        finally
        {
            foreach (Source source in sources)
                source.Dispose();
        }

        return 0;
    }

    private static void Write(IEnumerable<Shown> lines)
    {
        foreach (Shown line in lines)
            System.Console.Out.WriteLine(line.Text);
    }

    private sealed record Shown(DateTimeOffset At, string Text);

    /// <summary>A log: an older file, if there is one, and the file that grows.</summary>
    private sealed record Source(IReadOnlyList<string> Files, Func<string, (DateTimeOffset At, string Text)?> Parse) : IDisposable
    {
        private readonly TailedFile _file = new(Files[^1]);

        /// <summary>True when the time stands before each line.</summary>
        public bool HasTimes { get; init; } = true;

        public bool Exists => Files.Any(File.Exists);

        public IEnumerable<Shown> First() => Files.SkipLast(1).SelectMany(TailedFile.ReadAll).Concat(_file.ReadNew()).SelectMany(Line);

        public IEnumerable<Shown> More() => _file.ReadNew().SelectMany(Line);

        public void Dispose() => _file.Dispose();

        private IEnumerable<Shown> Line(string line)
        {
            if (Parse(line) is not { } parsed)
                yield break;
            string time = parsed.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            yield return new Shown(parsed.At, HasTimes ? $"{time} {parsed.Text}" : parsed.Text);
        }
    }
}
