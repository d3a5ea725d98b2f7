using System.Globalization;

namespace Lofizone.Bench;

/// <summary>Resident memory of a process, KiB (proc_pid_status(5)).</summary>
internal static class ProcessMemory
{
    public static long ResidentKiB(int pid) => Field(pid, "VmRSS:");

    /// <summary>The most it ever had.</summary>
    public static long PeakKiB(int pid) => Field(pid, "VmHWM:");

    private static long Field(int pid, string name)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
