using System.Globalization;
using Lofizone.Nfs.Tests.Fake;
using Lofizone.Nfs.Tests.Sim;

namespace Lofizone.Nfs.Tests;

/// <summary>The client with a simulated server, network and scheduler. Each seed is one run (CONTRIBUTING, "Simulation").</summary>
public sealed class SimTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 300;
    private const int TraceLines = 80;

    /// <summary>The seeds: SEED=n for one, SEEDS=n for 1 to n.</summary>
    private static IEnumerable<int> Seeds =>
        Number("LOFIZONE_SIM_SEED") is { } one ? [one] : Enumerable.Range(Number("LOFIZONE_SIM_FIRST") ?? 1, Number("LOFIZONE_SIM_SEEDS") ?? DefaultSeeds);

    [Fact]
    public void Whatever_goes_wrong_what_was_flushed_is_kept_and_what_is_read_was_written()
    {
        List<string> failures = [];
        int fenced = 0;
        Lock gate = new();
        Parallel.ForEach(Seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            SimRun run = SimRun.Play(SimSetup.Of(seed));
            if (Environment.GetEnvironmentVariable("LOFIZONE_SIM_TRACES") is { Length: > 0 } directory && (run.Failure is not null || Number("LOFIZONE_SIM_SEED") is not null))
                File.WriteAllLines(Path.Combine(directory, $"seed-{seed}.trace"), [SimSetup.Of(seed).ToString(), .. run.Trace.Lines]);
            lock (gate)
            {
                if (run.Failure is not null)
                    failures.Add(run.Describe(failures.Count < 3 ? TraceLines : 0));
                fenced += run.WasFenced ? 1 : 0;
            }
        });
        output.WriteLine($"{failures.Count} failures, {fenced} runs ended with a fenced file");
        Assert.True(failures.Count == 0, $"{failures.Count} seeds failed\n" + string.Join("\n\n", failures));
    }

    [Fact]
    public void A_seed_runs_the_same_way_each_time()
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            SimRun first = SimRun.Play(SimSetup.Of(seed));
            SimRun again = SimRun.Play(SimSetup.Of(seed));
            Assert.Equal(first.Trace.Lines, again.Trace.Lines);
            Assert.Equal(first.Trace.Turns, again.Trace.Turns);
            Assert.Equal(first.Trace.Schedule, again.Trace.Schedule);
            Assert.True(first.Trace.Turns > 100);
        }
    }

    /// <summary>The simulation's judges must notice a broken server.</summary>
    [Theory]
    [InlineData(FakeDefect.ForgetsToCommit, "on the server's disk")]
    [InlineData(FakeDefect.IgnoresStateIds, "taken the file over")]
    [InlineData(FakeDefect.ExecutesRetries, "used again before|holds")]
    [InlineData(FakeDefect.KeepsVerifier, "holds")]
    [InlineData(FakeDefect.WritesTooLittle, "holds")]
    public void A_server_with_a_defect_is_found_out(object defect, string message)
    {
        List<string> found = [];
        for (int seed = 1; seed <= 200 && found.Count == 0; seed++)
        {
            SimRun run = SimRun.Play(SimSetup.Of(seed) with { IsHarsh = (FakeDefect)defect == FakeDefect.IgnoresStateIds }, server => server.Defect = (FakeDefect)defect);
            if (run.Failure is { } failure)
                found.Add($"seed {seed}: {failure}");
        }
        output.WriteLine(string.Join('\n', found));
        Assert.Matches(message, Assert.Single(found));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
