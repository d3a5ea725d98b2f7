using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>
/// Limit for the processes and threads of one zone. A fork bomb in the zone must leave process IDs and memory to the host.
/// </summary>
public static class ProcessLimit
{
    /// <summary>
    /// The limit that systemd gives a container (TasksMax= of systemd-nspawn@.service), which is more than any sound zone has.
    /// </summary>
    public const long Most = 16384;

    /// <summary>systemd's DefaultTasksMax=, in percent of the kernel's limit for the host.</summary>
    private const int PercentOfHost = 15;

    /// <summary>The part of the kernel's limit for the host that a zone may get at most, percent.</summary>
    private const int MostPercentOfHost = 75;

    /// <summary>The largest limit that a configuration may name on this host.</summary>
    public static long MostOfHost() =>
        Math.Min(Number("/proc/sys/kernel/pid_max"), Number("/proc/sys/kernel/threads-max")) * MostPercentOfHost / 100;

    /// <summary>The default on this host.</summary>
    public static long OfHost() => Of(Number("/proc/sys/kernel/pid_max"), Number("/proc/sys/kernel/threads-max"));

    internal static long Of(long processNumbers, long threads) =>
        Math.Clamp(Math.Min(processNumbers, threads) * PercentOfHost / 100, 1, Most);

    private static long Number(string file) => long.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture);
}
