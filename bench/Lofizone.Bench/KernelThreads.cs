using System.Globalization;

namespace Lofizone.Bench;

/// <summary>
/// CPU time of the kernel's unbound workers, which carry out a loop device's requests, and of loop threads. The workers are
/// shared by everything on the machine, so a quiet machine is needed for exact figures; both peers are counted alike.
/// </summary>
/// <param name="Proc">A procfs of the machine's first PID namespace, in which kernel threads are seen.</param>
public sealed record KernelThreads(string Proc)
{
    public long Nanoseconds()
    {
        long total = 0;
        foreach (string directory in Directory.EnumerateDirectories(Proc))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && Read(Path.Combine(directory, "comm")) is { } name
                && (name.StartsWith("kworker/u", StringComparison.Ordinal) || name.StartsWith("loop", StringComparison.Ordinal)))
                total += OfThread(directory);
        }

        return total;
    }

    /// <summary>All living threads of a process of this PID namespace.</summary>
    public static long OfProcess(int pid)
    {
        string directory = $"/proc/{pid}/task";
        return Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Sum(OfThread) : 0;
    }

    /// <summary>First field of schedstat: time on a CPU, ns (Documentation/scheduler/sched-stats.rst).</summary>
    private static long OfThread(string directory) =>
        Read(Path.Combine(directory, "schedstat")) is { Length: > 0 } text && long.TryParse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture, out long time)
            ? time
            : 0;

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // The thread has ended.
            return null;
        }
    }
}
