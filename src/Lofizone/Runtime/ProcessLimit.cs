using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>Most processes and threads of one zone: a fork bomb in it must leave the host process numbers and memory.</summary>
public static class ProcessLimit
{
    /// <summary>What systemd gives a container of its own (TasksMax= of systemd-nspawn@.service): more than any sound zone has.</summary>
    public const long Most = 16384;

    /// <summary>systemd's DefaultTasksMax=: no service may take more of what the kernel has.</summary>
    private const int PercentOfHost = 15;

    /// <summary>The default on this host.</summary>
    public static long OfHost() => Of(Number("/proc/sys/kernel/pid_max"), Number("/proc/sys/kernel/threads-max"));

    internal static long Of(long processNumbers, long threads) =>
        Math.Clamp(Math.Min(processNumbers, threads) * PercentOfHost / 100, 1, Most);

    private static long Number(string file) => long.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture);
}
