using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class ZonePathCheckTests
{
    private const string Mounts = """
        22 1 8:1 / / rw - ext4 /dev/sda1 rw
        50 22 0:45 / /net/zones rw,relatime - nfs4 nas:/export/zones rw,vers=4.2

        """;

    [Theory]
    [InlineData("/net/zones")]
    [InlineData("/net/zones/web")]
    public void A_zonepath_on_NFS_is_refused_with_rootimage_as_the_way_to_go(string zonePath)
    {
        LofizoneException refused = Assert.Throws<LofizoneException>(() => ZonePathCheck.RefuseNfs("web", zonePath, MountTable.Parse(Mounts)));
        Assert.Contains($"{zonePath} lies on an NFS file system", refused.Message, StringComparison.Ordinal);
        Assert.Contains("add rootimage", refused.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/local/sbin")]
    [InlineData("/usr")]
    [InlineData("/etc/cron.d")]
    [InlineData("/bin")]
    [InlineData("/lib64/security")]
    [InlineData("/libx32")]
    [InlineData("/boot/efi")]
    [InlineData("/dev/shm/z")]
    [InlineData("/proc/1/root/tmp/z")]
    [InlineData("/sys/fs/cgroup/z")]
    [InlineData("/run/systemd/system")]
    [InlineData("/root/.ssh")]
    [InlineData("/home")]
    [InlineData("/home/alice")]
    [InlineData("/opt/tools/bin")]
    [InlineData("/var/spool/cron/crontabs")]
    [InlineData("/var/lib/dpkg/updates")]
    [InlineData("/var/lib/lofizone")]
    [InlineData("/tmp")]
    [InlineData("/mnt")]
    [InlineData("/srv")]
    [InlineData("/nix/store")]
    public void A_directory_of_the_system_is_no_zonepath_for_whoever_asks(string zonePath)
    {
        LofizoneException refused = Assert.Throws<LofizoneException>(() => ZonePathCheck.RequirePlace("web", zonePath, new HostPaths("/")));
        Assert.Contains($"the zonepath {zonePath} ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("where no zone is mounted", refused.Message, StringComparison.Ordinal);
        Assert.Contains("/zones/web", refused.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/zones/web")]
    [InlineData("/web")]
    [InlineData("/srv/zones/web")]
    [InlineData("/mnt/web")]
    [InlineData("/home/zones/web")]
    [InlineData("/var/lib/lofizone/zones/web")]
    [InlineData("/binaries/web")]
    public void A_directory_of_the_site_is(string zonePath) => ZonePathCheck.RequirePlace("web", zonePath, new HostPaths("/"));

    [Fact]
    public void A_host_below_a_directory_has_a_system_of_its_own_there()
    {
        using TemporaryHost host = new();
        ZonePathCheck.RequirePlace("web", host.Paths.ZonePath("web"), host.Paths);
        Assert.Throws<LofizoneException>(() => ZonePathCheck.RequirePlace("web", host.Paths.Root + "/etc/cron.d", host.Paths));
        Assert.Throws<LofizoneException>(() => ZonePathCheck.RequirePlace("web", "/usr/local/sbin", host.Paths));
    }

    [Fact]
    public void A_zonepath_that_another_user_could_replace_or_that_a_link_leads_astray_is_refused()
    {
        using TemporaryHost host = new();
        string open = Directory.CreateDirectory(Path.Combine(host.Paths.Root, "open")).FullName;
        Refused(Path.Combine(host.Paths.Root, "zones-link/web"), "everybody may write", () =>
        {
            File.SetUnixFileMode(open, (UnixFileMode)0b001_111_111_111);
            File.CreateSymbolicLink(Path.Combine(host.Paths.Root, "zones-link"), "open");
        });
        Refused(Path.Combine(open, "web"), "everybody may write", () => { });
        Refused(Path.Combine(host.Paths.Root, "away/sbin"), "lies in /usr", () => File.CreateSymbolicLink(Path.Combine(host.Paths.Root, "away"), "/usr/local"));
        Refused(Path.Combine(host.Paths.Root, "loop/web"), "too many links", () => File.CreateSymbolicLink(Path.Combine(host.Paths.Root, "loop"), "loop"));
        Refused(Path.Combine(host.Paths.Root, "alice/web"), "belongs to user 4711", () =>
            DescriptorPath.ChangeOwner(Directory.CreateDirectory(Path.Combine(host.Paths.Root, "alice")).FullName, 4711, 4711));

        void Refused(string zonePath, string why, Action prepare)
        {
            prepare();
            Assert.Contains(why, Assert.Throws<LofizoneException>(() => ZonePathCheck.RequirePlace("web", zonePath, host.Paths)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_zonepath_beside_an_NFS_mount_is_fine() => ZonePathCheck.RefuseNfs("web", "/zones/web", MountTable.Parse(Mounts));
}
