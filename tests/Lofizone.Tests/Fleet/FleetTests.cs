using System.Collections.Concurrent;
using System.Globalization;

namespace Lofizone.Tests.Fleet;

/// <summary>Ownership of images in a fleet of hosts; see docs/scale.md.</summary>
public sealed class FleetTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 3;
    private const int SmallSeeds = 60;

    /// <summary>Number of seeds after which a long run reports its progress.</summary>
    private const int ReportedSeeds = 10;

    private static IEnumerable<int> Seeds => Number("LOFIZONE_FLEET_SEED") is { } one
        ? [one]
        : Enumerable.Range(Number("LOFIZONE_FLEET_FIRST") ?? 1, Number("LOFIZONE_FLEET_SEEDS") ?? DefaultSeeds);

    [Fact]
    public void Of_ten_thousand_zones_on_a_thousand_hosts_none_is_ever_written_by_two() => AssertNoDoubleWriter([.. Seeds.Select(FleetSetup.Of)]);

    [Fact]
    public void Nor_where_hosts_have_nothing_but_trouble() => AssertNoDoubleWriter([.. Enumerable.Range(1, SmallSeeds).Select(FleetSetup.Small)]);

    [Fact]
    public void A_seed_runs_the_same_way_each_time()
    {
        FleetRun first = FleetRun.Play(FleetSetup.Small(7));
        FleetRun again = FleetRun.Play(FleetSetup.Small(7));
        Assert.Equal(first.ToString(), again.ToString());
        Assert.Equal(first.Judge.Takeovers, again.Judge.Takeovers);
        Assert.True(first.Judge.Takeovers.Count > 0 && first.Judge.Fenced > 0, first.ToString());
    }

    /// <summary>Tests of the judge.</summary>
    [Theory]
    [InlineData(FleetDefect.ServerIgnoresStateIds)]
    [InlineData(FleetDefect.ServerForgetsWhoHadState)]
    [InlineData(FleetDefect.HostRetakesBlindly)]
    [InlineData(FleetDefect.HostTouchesBeforeClaim)]
    public void A_broken_promise_is_found_out(object defect)
    {
        string? found = Enumerable.Range(1, 200)
            .Select(seed => FleetRun.Play(FleetSetup.Small(seed) with { Defect = (FleetDefect)defect }))
            .FirstOrDefault(run => run.Judge.DoubleWriters.Count > 0)?.Failure;
        Assert.NotNull(found);
        output.WriteLine(found);
    }

    private void AssertNoDoubleWriter(IReadOnlyList<FleetSetup> setups)
    {
        List<string> failures = [];
        List<long> takeovers = [];
        long writes = 0, fenced = 0, retaken = 0, reclaimed = 0;
        int played = 0;
        Lock gate = new();
        // Each core runs one seed at a time. Seeds take seconds, and some seeds take several times as long as others.
        Partitioner<FleetSetup> oneByOne = Partitioner.Create(setups, EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(oneByOne, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, setup =>
        {
            FleetRun run = FleetRun.Play(setup);
            lock (gate)
            {
                if (run.Failure is { } failure)
                    failures.Add($"seed {setup.Seed}: {failure}");
                takeovers.AddRange(run.Judge.Takeovers);
                writes += run.Judge.Writes;
                fenced += run.Judge.Fenced;
                retaken += run.Judge.Retaken;
                reclaimed += run.Judge.Reclaimed;
                if (++played % ReportedSeeds == 0 && played < setups.Count)
                    output.WriteLine($"{played} of {setups.Count} seeds: {takeovers.Count} takeovers, {failures.Count} seeds failed");
            }
        });
        output.WriteLine($"{setups.Count} seeds: {writes} writes, {takeovers.Count} takeovers, {fenced} owners fenced, {retaken} locks taken again, {reclaimed} reclaimed");
        output.WriteLine(FleetHistogram.Of(takeovers, setups[0].Lease));
        Assert.True(failures.Count == 0, $"{failures.Count} seeds failed\n{string.Join('\n', failures.Take(10))}");
        Assert.NotEmpty(takeovers);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
