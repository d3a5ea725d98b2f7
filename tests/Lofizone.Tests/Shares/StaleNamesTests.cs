using Lofizone.Interop;
using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class StaleNamesTests
{
    private int _asked;

    [Theory]
    [InlineData(NfsStatus.Stale)]
    [InlineData(NfsStatus.FhExpired)]
    public async Task A_handle_of_what_was_removed_and_made_again_is_looked_up_once_more(NfsStatus status) =>
        Assert.Equal(2, await StaleNames.RetryOnceAsync(() => FailUntilAsync(2, status)));

    [Fact]
    public async Task A_name_that_stays_stale_is_told()
    {
        NfsException error = await Assert.ThrowsAnyAsync<NfsException>(
            () => StaleNames.RetryOnceAsync(() => FailUntilAsync(3, NfsStatus.Stale)));
        Assert.Equal((NfsStatus.Stale, 2), (error.Status, _asked));
    }

    [Fact]
    public async Task Another_failure_is_told_at_once()
    {
        await Assert.ThrowsAnyAsync<NfsException>(() => StaleNames.RetryOnceAsync(() => FailUntilAsync(2, NfsStatus.Access)));
        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData(NfsStatus.NoEnt)]
    [InlineData(NfsStatus.Stale)]
    [InlineData(NfsStatus.ServerFault)]
    public async Task What_was_replaced_while_it_was_read_is_looked_at_again(NfsStatus status) =>
        Assert.Equal(3, await StaleNames.RetryLookAsync(() => FailUntilAsync(3, status)));

    [Theory]
    [InlineData(Errno.ESTALE)]
    [InlineData(Errno.EREMOTEIO)]
    public void What_was_replaced_through_the_kernel_while_it_was_read_is_looked_at_again(Errno errno) =>
        Assert.Equal(3, StaleNames.RetryLook(() => ++_asked < 3 ? throw new LinuxException(errno, "read") : _asked));

    [Fact]
    public void A_denied_look_is_told_at_once()
    {
        Assert.Throws<LinuxException>(() => StaleNames.RetryLook<int>(() => throw new LinuxException(Errno.EACCES, $"read {++_asked}")));
        Assert.Equal(1, _asked);
    }

    private Task<int> FailUntilAsync(int call, NfsStatus status) =>
        ++_asked < call ? throw NfsException.For(status, "GETATTR", "/export/web") : Task.FromResult(_asked);
}
