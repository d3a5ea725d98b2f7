using Lofizone.Hosts;

namespace Lofizone.Operations;

/// <summary>
/// Runs the steps of one operation in order and reports their durations. When a step fails, or the command is cancelled, the steps that
/// succeeded are undone in reverse order. The error names the steps that could not be undone.
/// </summary>
public sealed class Operation(string name, string zone, IReadOnlyList<Step> steps, TimeProvider time)
{
    private readonly Dictionary<string, TimeSpan> _took = new(StringComparer.Ordinal);

    /// <summary>Name of the operation, the first word of its fault points: "boot", "halt", "install".</summary>
    public string Name => name;

    public IReadOnlyList<Step> Steps => steps;

    /// <summary>Durations of the ended steps, by the steps' names.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Took => _took;

    /// <summary>Duration of some steps together, seconds. A step that has not ended counts 0.</summary>
    public double Seconds(IEnumerable<string> steps) => steps.Sum(s => _took.TryGetValue(s, out TimeSpan took) ? took.TotalSeconds : 0);

    public async Task RunAsync(IReporter reporter, CancellationToken cancellation)
    {
        Reverter reverter = new();
        int number = 0;
        try
        {
            foreach (Step step in steps)
            {
                cancellation.ThrowIfCancellationRequested();
                string heading = $"[{++number}/{steps.Count}] {step.Title}";
                reporter.Progress(heading, 0, 0);
                FaultPoint.Reached(name, step.Name, "before");
                long start = time.GetTimestamp();
                if (step.Undo is { } undo)
                    reverter.Add(step.Title, undo, step.KeepUnlessAllUndone);
                await step.Do(cancellation);
                FaultPoint.Reached(name, step.Name, "after");
                TimeSpan took = time.GetElapsedTime(start);
                _took[step.Name] = took;
                reporter.Line($"{heading}: {took.TotalSeconds:0.00} s");
            }

            reverter.Succeed();
        }
        catch (Exception error)
        {
            IReadOnlyList<string> left = await reverter.RevertAsync(time);
            if (left.Count == 0)
                throw;
            string why = error is OperationCanceledException ? "interrupted" : error.Message;
            throw new LofizoneException(
                $"{why}\nand this could not be undone: {string.Join("; ", left)}",
                $"run 'zone explain {zone}' to see what is left, and the same command again to go on", error);
        }
    }
}
