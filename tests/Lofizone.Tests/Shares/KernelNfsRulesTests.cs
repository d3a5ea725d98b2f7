using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class KernelNfsRulesTests
{
    private const string Root = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";
    private static readonly ShareUri _share = ShareUri.Parse("dir:/zonemount/zones");

    [Theory]
    [InlineData("rw,vers=4.1,hard,local_lock=none")]
    [InlineData("rw,relatime,vers=4.2,rsize=1048576,wsize=1048576,namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys,local_lock=none,addr=192.0.2.1")]
    public void A_hard_mount_of_version_4_1_or_later_serves(string options) => KernelNfsRules.Check(_share, _share.Path, Mounts("nfs4", options), false);

    [Theory]
    [InlineData("nfs", "rw,vers=3,hard,local_lock=none", "NFS version 3", "vers=4.2")]
    [InlineData("nfs4", "rw,vers=4.0,hard,local_lock=none", "NFS version 4.0", "vers=4.2")]
    [InlineData("nfs4", "rw,hard", "NFS version 4,", "vers=4.2")]
    [InlineData("nfs4", "rw,vers=4.2,soft", "mounted soft:", "hard")]
    [InlineData("nfs4", "rw,vers=4.2,softerr", "mounted softerr:", "hard")]
    [InlineData("nfs4", "rw,vers=4.1,hard,nolock", "mounted nolock:", "vers=4.2,lock")]
    [InlineData("nfs4", "rw,vers=4.1,hard,local_lock=all", "local_lock=all", "local_lock=none")]
    [InlineData("nfs4", "rw,vers=4.1,hard,local_lock=posix", "local_lock=posix", "local_lock=none")]
    public void An_unfit_mount_is_refused_with_the_reason_and_the_remedy(string type, string options, string reason, string remedy)
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => KernelNfsRules.Check(_share, _share.Path, Mounts(type, options), false));
        Assert.StartsWith("dir:/zonemount/zones: the NFS mount at /zonemount is unfit for images: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_takes_lost_locks_again_is_refused()
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => KernelNfsRules.Check(_share, _share.Path, Mounts("nfs4", "rw,vers=4.2,hard"), true));
        Assert.Contains("recover_lost_locks", error.Message, StringComparison.Ordinal);
        Assert.Contains("echo N", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_on_nfs_passes_whatever_the_client_is_set_to()
    {
        KernelNfsRules.Check(ShareUri.Parse("dir:/var/share"), "/var/share", Mounts("nfs", "vers=3,soft"), true);
        KernelNfsRules.Check(_share, _share.Path, MountTable.Parse(Root), true);
    }

    [Theory]
    [InlineData("/zonemount", true)]
    [InlineData("/zonemount/a/b", true)]
    [InlineData("/zonemounts", false)]
    [InlineData("/", false)]
    [InlineData("/zonemount/local/x", false)]
    public void A_path_lies_on_nfs_when_the_innermost_mount_above_it_does(string path, bool expected) => Assert.Equal(
        expected,
        KernelNfsRules.IsOnNfs(path, MountTable.Parse(Root + Line("nfs4", "rw,vers=4.2") + "60 22 7:3 / /zonemount/local rw - ext4 /dev/loop3 rw\n")));

    private static MountTable Mounts(string type, string options) => MountTable.Parse(Root + Line(type, options));

    private static string Line(string type, string options) => $"50 22 0:45 / /zonemount rw,relatime shared:9 - {type} nas:/export/zones {options}\n";
}
