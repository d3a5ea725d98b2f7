using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class ServerAwayTests
{
    /// <summary>Port 1 of the loopback, at which no program listens.</summary>
    private const string NobodyThere = "nfs://127.0.0.1:1/export/zones";

    [Fact]
    public async Task A_server_that_nobody_runs_is_the_reason_also_of_what_failed_because_of_it()
    {
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => Share.OpenAsync(ShareUri.Parse(NobodyThere), TestContext.Current.CancellationToken));
        Assert.True(ServerAway.IsReason(error));
        Assert.True(ServerAway.IsReason(new LofizoneException("zone web: could not be booted", null, error)));
    }

    [Fact]
    public async Task What_failed_without_a_word_of_the_server_is_asked_of_the_server()
    {
        LofizoneException killed = new("mount.nfs4: no end after 30 s, killed");
        Assert.False(ServerAway.IsReason(killed));
        Assert.True(await ServerAway.IsReasonAsync(killed, ShareUri.Parse(NobodyThere), TestContext.Current.CancellationToken));
        Assert.False(await ServerAway.IsReasonAsync(killed, ShareUri.Parse("dir:/"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Other_failures_are_not_a_server_that_is_away() =>
        Assert.False(ServerAway.IsReason(new LofizoneException("zone web: no such bridge", null, new IOException("no such device"))));
}
