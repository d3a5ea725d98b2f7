using Lofizone.Interop;
using Lofizone.Nfs.Options;
using Lofizone.Shares;
using Microsoft.Extensions.Time.Testing;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_on_a_directory_ends_with_an_error_when_the_directorys_server_falls_silent_and_not_when_it_is_only_slow(bool silent)
    {
        FakeTimeProvider clock = new();
        TaskCompletionSource<int> work = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        Task<bool> AnswersAsync(CancellationToken cancellation)
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult(!silent);
        }

        Task<int> wait = KernelServer.WaitAsync(work.Task, ShareUri.Parse("dir:/srv/zones"), AnswersAsync, clock, TestContext.Current.CancellationToken);
        while (!wait.IsCompleted && Volatile.Read(ref asked) < 20)
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        Assert.Equal(silent, wait.IsCompleted);
        work.SetResult(7);
        if (silent)
            Assert.Contains("does not answer", (await Assert.ThrowsAsync<LofizoneException>(() => wait)).Message, StringComparison.Ordinal);
        else
            Assert.Equal(7, await wait);
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
