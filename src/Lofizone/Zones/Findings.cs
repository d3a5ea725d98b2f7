namespace Lofizone.Zones;

/// <summary>
/// Runs checks to the last one, so that whoever mends what they find has to run the command once more, not once for each.
/// </summary>
internal static class Findings
{
    /// <exception cref="LofizoneException">What the checks found: one as it is; of several each with its advice below.</exception>
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
