namespace Lofizone.Zones;

/// <summary>Runs all checks, also after a failure, so that the user sees all findings at once.</summary>
internal static class Findings
{
    /// <exception cref="LofizoneException">
    /// The checks have findings. A single finding is thrown unchanged; of several findings each has its advice below it.
    /// </exception>
    public static async Task RequireNoneAsync(IEnumerable<Func<CancellationToken, Task>> checks, CancellationToken cancellation)
    {
        List<LofizoneException> found = [];
        foreach (Func<CancellationToken, Task> check in checks)
        {
            try
            {
                await check(cancellation);
            }
            catch (LofizoneException finding)
            {
                found.Add(finding);
            }
        }

        Throw(found);
    }

    /// <inheritdoc cref="RequireNoneAsync"/>
    public static void RequireNone(IEnumerable<Action> checks)
    {
        List<LofizoneException> found = [];
        foreach (Action check in checks)
        {
            try
            {
                check();
            }
            catch (LofizoneException finding)
            {
                found.Add(finding);
            }
        }

        Throw(found);
    }

    private static void Throw(List<LofizoneException> found)
    {
        if (found is [var one])
            throw one;
        if (found.Count > 0)
            throw new LofizoneException(
                string.Join('\n', found.Select(f => f.Advice is null ? f.Message : $"{f.Message}\n  {f.Advice}")), null, found[0]);
    }
}
