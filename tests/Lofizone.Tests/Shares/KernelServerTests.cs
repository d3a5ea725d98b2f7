using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class KernelServerTests
{
    private const string Root = "21 1 254:0 / / rw - ext4 /dev/vda rw";

    [Theory]
    [InlineData("rw,vers=4.2,hard,proto=tcp,clientaddr=192.0.2.9,addr=192.0.2.1", "192.0.2.1", 2049)]
    [InlineData("rw,vers=4.2,hard,proto=tcp,port=12049,clientaddr=::1,addr=2001:db8::7", "2001:db8::7", 12049)]
    public void The_server_of_a_directory_is_that_of_its_mount(string options, string host, int port)
    {
        MountTable mounts = MountTable.Parse($"{Root}\n22 21 0:50 / /mnt/nas rw - nfs4 nas:/export {options}\n");
        Assert.Equal([new NfsAddress(host, port)], KernelServer.AddressesOf(ShareUri.Parse("dir:/mnt/nas/zones/web/root.img"), mounts));
    }

    [Fact]
    public void A_directory_of_a_disk_has_no_server_to_be_asked() =>
        Assert.Empty(KernelServer.AddressesOf(ShareUri.Parse("dir:/srv/zones/web/root.img"), MountTable.Parse(Root + "\n")));

    [Fact]
    public void A_share_on_a_server_names_all_its_addresses() =>
        Assert.Equal(
            [new NfsAddress("192.0.2.1", 2049), new NfsAddress("192.0.2.2", 2050)],
            KernelServer.AddressesOf(ShareUri.Parse("nfs://192.0.2.1,192.0.2.2:2050/export/web/root.img"), MountTable.Parse(Root + "\n")));
}
