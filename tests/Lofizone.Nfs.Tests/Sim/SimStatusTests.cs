using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Sim;

namespace Lofizone.Nfs.Tests;

/// <summary>Every status for every operation in every phase, once and for a while.</summary>
public sealed class SimStatusTests(ITestOutputHelper output)
{
    private const int TraceLines = 40;

    public static TheoryData<string, string> Table => [.. SimStatusCase.Operations.SelectMany(phase => phase.Value.Select(code => (phase.Key.ToString(), code.ToString())))];

    [Theory]
    [MemberData(nameof(Table))]
    public void Whatever_an_operation_fails_with_it_ends_in_success_a_clear_failure_or_a_fence(string phase, string operation)
    {
        List<string> failures = [];
        int succeeded = 0, failed = 0, fenced = 0;
        Lock gate = new();
        SimStatusCase[] cases = [.. SimStatusCase.Of(Enum.Parse<SimPhase>(phase), Enum.Parse<OperationCode>(operation), Environment.GetEnvironmentVariable("LOFIZONE_SIM_SEEDS") is { Length: > 0 })];
        Parallel.ForEach(cases, new ParallelOptions { MaxDegreeOfParallelism = 2 }, @case =>
        {
            SimStatusRun run = SimStatusRun.Play(@case);
            string? wrong = run.Failure ?? (run.Taken == 0 ? "the operation was not sent" : null);
            lock (gate)
            {
                if (wrong is not null)
                    failures.Add($"{@case}: {wrong}" + (failures.Count == 0 ? "\n" + string.Join('\n', run.Trace.Lines.TakeLast(TraceLines)) : ""));
                else if (run.Seen is NfsFencedException)
                    fenced++;
                else if (run.Seen is not null)
                    failed++;
                else
                    succeeded++;
            }
        });
        output.WriteLine($"{phase} {operation}: {succeeded} succeeded, {failed} failed, {fenced} fenced");
        Assert.True(failures.Count == 0, $"{failures.Count} of {cases.Length} cases\n" + string.Join('\n', failures));
    }
}
