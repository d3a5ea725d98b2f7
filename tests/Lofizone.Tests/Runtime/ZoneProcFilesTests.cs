using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class ZoneProcFilesTests
{
    private static readonly ManualResetEvent _never = new(false);

    [Fact]
    public void The_files_that_answer_are_mounted_read_only_and_the_others_are_not()
    {
        var mounts = ZoneProcFiles.Mounts("/l", f => !f.EndsWith("swaps", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        Assert.Equal(["/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/loadavg", "/proc/diskstats"], mounts.Select(m => m.Destination));
        Assert.All(mounts, m => Assert.Equal(("bind", "/l" + m.Destination, true), (m.Type, m.Source, m.Options.Contains("ro"))));
    }

    [Fact]
    public void A_server_that_hangs_is_not_waited_for() => Assert.Empty(ZoneProcFiles.Mounts("/l", Hang, TimeSpan.Zero));

    /// <summary>Never returns, as a call that waits in the kernel. Its thread ends with the tests.</summary>
    private static bool Hang(string file) => _never.WaitOne();

    [Fact]
    public void A_host_without_lxcfs_has_none()
    {
        using TemporaryHost host = new();
        Directory.CreateDirectory(Path.Combine(host.Paths.Lxcfs, "proc"));
        File.WriteAllText(Path.Combine(host.Paths.Lxcfs, "proc/meminfo"), "MemTotal: 1 kB\n");
        Assert.Empty(ZoneProcFiles.Mounts(host.Paths));
    }
}
