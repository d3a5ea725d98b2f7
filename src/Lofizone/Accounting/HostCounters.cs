using System.Globalization;
using Lofizone.Hosts;

namespace Lofizone.Accounting;

/// <summary>What the whole machine has and uses, at one moment. The texts are those of proc(5).</summary>
public sealed record HostCounters
{
    /// <summary>Unit of the times in /proc/stat (USER_HZ), which is the same on every machine that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const int KibBytes = 1024;

    // Columns of the line "cpu" in /proc/stat.
    private const int User = 0, Nice = 1, Kernel = 2, Interrupt = 5, SoftInterrupt = 6;

    /// <summary>Number of CPUs that the machine has, and of those that are switched on.</summary>
    public required int Cpus { get; init; }

    public required int CpusOnline { get; init; }

    /// <summary>CPU time that was used since the machine's boot, seconds.</summary>
    public required double BusySeconds { get; init; }

    /// <summary>The part of it that interrupts took, which belongs to no process.</summary>
    public required double InterruptSeconds { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>Memory that a new program could not get without swapping (MemTotal - MemAvailable).</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Memory that the kernel itself uses and can't give back.</summary>
    public required long KernelBytes { get; init; }

    public required long SwapBytes { get; init; }

    public required long UsedSwapBytes { get; init; }

    public required long LockedBytes { get; init; }

    public required long Processes { get; init; }

    public required long Threads { get; init; }

    /// <summary>The kernel's limits for processes and for threads.</summary>
    public required long ProcessLimit { get; init; }

    public required long ThreadLimit { get; init; }

    /// <summary>Traffic of the machine's own network interfaces (those with hardware).</summary>
    public required InterfaceCounters Network { get; init; }

    /// <summary>Speed of all of them together; null when the kernel knows none.</summary>
    public required long? NetworkBytesPerSecond { get; init; }

    /// <summary>Reads the counters.</summary>
    /// <param name="root">Directory that holds <c>proc</c> and <c>sys</c>: "" for this machine.</param>
    /// <exception cref="LofizoneException">/proc is not mounted.</exception>
    public static HostCounters Read(string root = "")
    {
        string stat = Require($"{root}/proc/stat"), memory = Require($"{root}/proc/meminfo");
        double[] cpu = [.. Words(stat.Split('\n')[0]).Skip(1).Select(w => (KernelText.Number(w) ?? 0) / TicksPerSecond)];
        long Memory(string key) => (KernelText.Number(memory, key) ?? 0) * KibBytes;
        int online = stat.Split('\n').Count(l => l.StartsWith("cpu", StringComparison.Ordinal) && l.Length > 3 && char.IsAsciiDigit(l[3]));
        (InterfaceCounters network, long? speed) = Interfaces($"{root}/sys/class/net");
        long threads = KernelText.Number(KernelText.Read($"{root}/proc/sys/kernel/threads-max")) ?? 0;
        double Cpu(params int[] columns) => columns.Sum(c => cpu.ElementAtOrDefault(c));
        return new HostCounters
        {
            Cpus = CpuList.Parse(KernelText.Read($"{root}/sys/devices/system/cpu/present")) is { } present
                ? present.Count
                : online,
            CpusOnline = online,
            BusySeconds = Cpu(User, Nice, Kernel, Interrupt, SoftInterrupt),
            InterruptSeconds = Cpu(Interrupt, SoftInterrupt),
            MemoryBytes = Memory("MemTotal"),
            UsedBytes = Memory("MemTotal") - Memory("MemAvailable"),
            KernelBytes = Memory("SUnreclaim") + Memory("KernelStack") + Memory("PageTables") + Memory("Percpu"),
            SwapBytes = Memory("SwapTotal"),
            UsedSwapBytes = Memory("SwapTotal") - Memory("SwapFree"),
            LockedBytes = Memory("Unevictable"),
            Processes = Directory.EnumerateDirectories($"{root}/proc").Count(d => char.IsAsciiDigit(Path.GetFileName(d)[0])),
            Threads = Words(KernelText.Read($"{root}/proc/loadavg") ?? "") is [_, _, _, var running, ..]
                ? KernelText.Number(running.Split('/')[^1]) ?? 0
                : 0,
            ProcessLimit = Math.Min(KernelText.Number(KernelText.Read($"{root}/proc/sys/kernel/pid_max")) ?? threads, threads),
            ThreadLimit = threads,
            Network = network,
            NetworkBytesPerSecond = speed,
        };
    }

    private static (InterfaceCounters Traffic, long? Speed) Interfaces(string directory)
    {
        InterfaceCounters sum = new(0, 0);
        long? speed = null;
        if (!Directory.Exists(directory))
            return (sum, null);
        foreach (string card in Directory.EnumerateFileSystemEntries(directory).Where(i => Directory.Exists(i + "/device")))
        {
            if (InterfaceCounters.Read(card) is { } one)
                sum = new InterfaceCounters(sum.Received + one.Received, sum.Sent + one.Sent);
            if (InterfaceCounters.Speed(card) is { } more)
                speed = (speed ?? 0) + more;
        }

        return (sum, speed);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string Require(string file) => KernelText.Read(file)
        ?? throw new LofizoneException($"{file}: can't be read", "see that proc(5) is mounted at /proc");
}
