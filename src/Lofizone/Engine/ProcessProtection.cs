using Lofizone.Interop;

namespace Lofizone.Engine;

/// <summary>
/// Against memory pressure that waits for the very process that serves the memory's write-back. What a host refuses is said once in
/// the log, and work goes on.
/// </summary>
internal static class ProcessProtection
{
    private const string OomScore = "/proc/self/oom_score_adj";

    /// <summary>Never chosen by the kernel's out-of-memory killer: a zone's root depends on it (proc_pid_oom_score_adj(5)).</summary>
    private const string OomScoreExempt = "-1000";

    /// <summary>What every process started by this thread inherits: to be called before it starts any.</summary>
    /// <returns>What was refused, and why.</returns>
    public static IReadOnlyList<string> ApplyInherited()
    {
        List<string> refused = [];
        try
        {
            // Per thread: set here, before the engine's program begins, it holds for all of its threads.
            Processes.BecomeIoFlusher();
        }
        catch (LinuxException e)
        {
            refused.Add($"not exempt from waiting for its own I/O when memory is short (needs CAP_SYS_RESOURCE): {e.Message}");
        }

        try
        {
            File.WriteAllText(OomScore, OomScoreExempt);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refused.Add($"not exempt from the out-of-memory killer (needs CAP_SYS_RESOURCE): {OomScore}: {e.Message}");
        }

        return refused;
    }

    /// <summary>
    /// Keeps this process's memory from being taken away: a page that had to be read again could wait for the device it serves.
    /// </summary>
    /// <returns>Why it was refused; null when it was not.</returns>
    public static string? LockMemory()
    {
        try
        {
            MemoryLock.LockTouchedPages();
            return null;
        }
        catch (LinuxException e)
        {
            return $"its memory is not locked (needs CAP_IPC_LOCK or a larger RLIMIT_MEMLOCK): {e.Message}";
        }
    }
}
