using Lofizone.Hosts;

namespace Lofizone.Tests.Runtime;

public sealed class CgroupLayoutTests
{
    private const string Cgroup2 = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    private const string Memory = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    private const string Systemd = "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n";
    private const string Unified = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    [Fact]
    public void A_pure_cgroup2_host_is_no_hybrid()
    {
        CgroupLayout layout = CgroupLayout.Parse(Cgroup2);
        Assert.False(layout.IsHybrid);
        Assert.Equal("/sys/fs/cgroup", layout.Version2);
        Assert.Equal(["/sys/fs/cgroup"], layout.All);
    }

    [Fact]
    public void A_pure_version_1_host_is_no_hybrid() => Assert.False(CgroupLayout.Parse(Memory + Systemd).IsHybrid);

    [Fact]
    public void Version_1_controllers_beside_a_cgroup2_are_a_hybrid()
    {
        CgroupLayout layout = CgroupLayout.Parse(Memory + Systemd + Unified);
        Assert.True(layout.IsHybrid);
        Assert.Equal("/sys/fs/cgroup/systemd", layout.SystemdHierarchy);
        Assert.Equal(3, layout.All.Count());
    }
}
