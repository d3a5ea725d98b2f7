using Lofizone.Accounting;

namespace Lofizone.Tests.Accounting;

public sealed class HostCountersTests
{
    private const string Stat = "cpu  100 50 30 900 200 10 5 40 0 0\ncpu0 50 25 15 450 100 5 3 20 0 0\ncpu1 50 25 15 450 100 5 2 20 0 0\nintr 1 2 3\n";
    private const string Memory = "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 600 kB\nUnevictable: 8 kB\nSwapTotal: 50 kB\nSwapFree: 40 kB\nKernelStack: 1 kB\nPageTables: 2 kB\nSUnreclaim: 3 kB\nPercpu: 4 kB\n";

    [Fact]
    public void The_machines_figures_are_those_of_proc_and_sys()
    {
        using TemporaryHost host = new();
        foreach ((string file, string text) in ((string, string)[])[
            ("proc/stat", Stat), ("proc/meminfo", Memory), ("proc/loadavg", "0.1 0.2 0.3 2/77 999\n"), ("proc/7/stat", ""), ("proc/8/stat", ""),
            ("proc/sys/kernel/pid_max", "32768\n"), ("proc/sys/kernel/threads-max", "20000\n"), ("sys/devices/system/cpu/present", "0-3\n"),
            ("sys/class/net/eth0/device/x", ""), ("sys/class/net/eth0/statistics/rx_bytes", "30\n"), ("sys/class/net/eth0/statistics/tx_bytes", "12\n"),
            ("sys/class/net/eth0/speed", "1000\n"), ("sys/class/net/br0/statistics/rx_bytes", "999\n"), ("sys/class/net/br0/statistics/tx_bytes", "999\n")])
        {
            string path = Path.Combine(host.Paths.Root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        HostCounters counters = HostCounters.Read(host.Paths.Root);
        Assert.Equal((4, 2, 1.95, 0.15), (counters.Cpus, counters.CpusOnline, Math.Round(counters.BusySeconds, 6), Math.Round(counters.InterruptSeconds, 6)));
        Assert.Equal((1000L << 10, 400L << 10, 10L << 10, 8L << 10), (counters.MemoryBytes, counters.UsedBytes, counters.KernelBytes, counters.LockedBytes));
        Assert.Equal((50L << 10, 10L << 10), (counters.SwapBytes, counters.UsedSwapBytes));
        Assert.Equal((2L, 77L, 20000L, 20000L), (counters.Processes, counters.Threads, counters.ProcessLimit, counters.ThreadLimit));
        Assert.Equal((new InterfaceCounters(30, 12), 125_000_000L), (counters.Network, counters.NetworkBytesPerSecond));
    }

    [Fact]
    public void A_machine_without_proc_is_refused_with_advice()
    {
        using TemporaryHost host = new();
        Assert.Contains("proc/stat", Assert.Throws<LofizoneException>(() => HostCounters.Read(host.Paths.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_has_figures()
    {
        HostCounters counters = HostCounters.Read();
        Assert.Equal(Environment.ProcessorCount, counters.CpusOnline);
        Assert.InRange(counters.UsedBytes, 1, counters.MemoryBytes);
        Assert.InRange(counters.Processes, 2, counters.Threads);
    }

    [Theory]
    [InlineData("net0", 100, 200)]
    [InlineData("net", null, null)]
    [InlineData("lo", 7, 7)]
    [InlineData("short", null, null)]
    public void An_interface_is_found_by_its_whole_name(string name, int? received, int? sent)
    {
        const string devices = "Inter-|   Receive  | Transmit\n face |bytes packets|bytes\n    lo:       7 1 0 0 0 0 0 0       7 1 0 0 0 0 0 0\n  net0: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n short: 1 2\n";
        InterfaceCounters? found = InterfaceCounters.Find(devices, name);
        Assert.Equal((received, sent), ((int?)found?.Received, (int?)found?.Sent));
    }
}
