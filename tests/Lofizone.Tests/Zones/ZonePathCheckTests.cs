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

    [Fact]
    public void A_zonepath_beside_an_NFS_mount_is_fine() => ZonePathCheck.RefuseNfs("web", "/zones/web", MountTable.Parse(Mounts));
}
