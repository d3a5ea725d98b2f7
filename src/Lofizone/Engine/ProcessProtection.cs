using Lofizone.Interop;

namespace Lofizone.Engine;

/// <summary>
/// Protects a process from memory pressure that waits for this very process to serve the memory's write-back. A refusal of the host is
/// written to the log once, and work goes on.
/// </summary>
internal static class ProcessProtection
{
    private const string OomScore = "/proc/self/oom_score_adj";

    /// <summary>
    /// Value that exempts a process from the kernel's out-of-memory killer (proc_pid_oom_score_adj(5)). A zone's root depends on the
    /// process.
    /// </summary>
    private const string OomScoreExempt = "-1000";

    /// <summary>
    /// Applies the settings that every process started by this thread inherits. Called before the thread starts a process.
    /// </summary>
    /// <returns>The refused settings, with reasons.</returns>
    public static IReadOnlyList<string> ApplyInherited()
    {
        List<string> refused = [];
        try
        {
            // The setting belongs to the thread. The calling thread starts the engine's program, so all threads of the engine inherit the
            // setting.
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
    /// Keeps this process's memory from being taken away: the reading of a page could wait for the device that this process serves.
    /// </summary>
    /// <returns>Reason of a refusal; null when there was none.</returns>
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
