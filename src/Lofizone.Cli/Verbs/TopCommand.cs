using System.CommandLine;
using Lofizone.Accounting;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Zones;
using Spectre.Console;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone top</c>: what running zones use, sorted, live on a terminal.</summary>
internal static class TopCommand
{
    /// <summary>Interval without -i, and the shortest and longest one, seconds.</summary>
    private const double DefaultSeconds = 2, ShortestSeconds = 0.2, LongestSeconds = 86_400;

    public static Command Create()
    {
        Option<double?> interval = new Option<double?>("--interval", "-i")
        {
            Description = $"show what every so many seconds bring ({DefaultSeconds:0} without it)",
            HelpName = "SECONDS",
        }
            .Checked(ValueChecks.Number(ShortestSeconds, LongestSeconds));
        Option<int?> count = new Option<int?>("--count", "-c")
        {
            Description = "end after so many intervals",
            HelpName = "COUNT",
        }
            .Checked(ValueChecks.Whole(1));
        Option<string> sort = new("--sort", "-s")
        {
            Description = "sort by this figure; on a terminal, keys choose another one, and q quits",
            HelpName = "FIGURE",
            DefaultValueFactory = _ => TopTable.Sorts[0].Name,
        };
        sort.AcceptOnlyFromAmong([.. TopTable.Sorts.Select(s => s.Name)]);
        Command command = new("top", "show what running zones use, the largest first") { interval, count, sort };
        command.SetAction((parsed, cancellation) =>
        {
            Root.Require("top");
            TopRun run = new(
                ZoneHost.FromEnvironment(), TimeSpan.FromSeconds(parsed.GetValue(interval) ?? DefaultSeconds), parsed.GetValue(count),
                parsed.GetValue(sort)!);
            return CommandOutput.WhileReadAsync(run.RunAsync, cancellation);
        });
        return command;
    }
}

/// <summary>One run of <c>zone top</c>.</summary>
internal sealed class TopRun(ZoneHost host, TimeSpan interval, int? count, string sort)
{
    private readonly UsageSampler _sampler = new(host);
    private UsageInterval? _shown;
    private string _sort = sort;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        BrokenZones broken = new("zone");
        UsageSample first = _sampler.Sample(broken.Sound(host));
        bool live = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
        using CancellationTokenSource quit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            if (live)
                await AnsiConsole.Live(new Text("")).StartAsync(context =>
                {
                    void Show() => context.UpdateTarget(
                        TopTable.LiveLines(_shown!, _sort, AnsiConsole.Profile.Width, AnsiConsole.Profile.Height));
                    if (!Console.IsInputRedirected)
                        WatchKeys(quit, Show);
                    return EachAsync(first, Show, quit.Token);
                });
            else
                await EachAsync(first, () => TopTable.Write(_shown!, _sort, Console.Out), quit.Token);
        }
        catch (OperationCanceledException) when (quit.IsCancellationRequested)
        {
            // The user has ended the display, which is the normal end of a display without a count.
        }

        return broken.Report();
    }

    private async Task EachAsync(UsageSample before, Action show, CancellationToken cancellation)
    {
        for (int i = 0; count is null || i < count; i++)
        {
            await Task.Delay(interval, host.Time, cancellation);
            UsageSample now = _sampler.Sample(new BrokenZones("zone").Sound(host));
            _shown = UsageInterval.Between(before, now);
            before = now;
            show();
        }
    }

    /// <summary>Obeys keys on a thread of its own, which ends with the process: a read of a key can't be cancelled.</summary>
    private void WatchKeys(CancellationTokenSource quit, Action show)
    {
        Thread keys = new(() =>
        {
            while (true)
            {
                char key = Console.ReadKey(intercept: true).KeyChar;
                if (key is 'q' or 'Q')
                {
                    Quit(quit);
                    return;
                }

                if (TopTable.Sorts.FirstOrDefault(s => s.Key == key) is { Name: { } name })
                {
                    _sort = name;
                    if (_shown is not null)
                        show();
                }
            }
        })
        {
            IsBackground = true,
            Name = "keys",
        };
        keys.Start();
    }

    private static void Quit(CancellationTokenSource quit)
    {
        try
        {
            quit.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The display has ended meanwhile.
        }
    }
}
