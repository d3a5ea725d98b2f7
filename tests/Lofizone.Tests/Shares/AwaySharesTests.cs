using Lofizone.Config;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Tests.Shares;

public sealed class AwaySharesTests : IDisposable
{
    /// <summary>Port 1 of the loopback, at which no program listens.</summary>
    private static readonly ShareUri _share = ShareUri.Parse("nfs://127.0.0.1:1/export/zones");

    private readonly TemporaryHost _host = new();
    private bool _answers;
    private int _asked;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AwayShares Away => new(_host.Paths, (_, _) =>
    {
        _asked++;
        return Task.FromResult(_answers);
    });

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_share_whose_server_gave_no_answer_is_noted_until_it_answers()
    {
        await Assert.ThrowsAsync<LofizoneException>(() => Away.Noting(Share.OpenAsync)(_share, Cancellation));
        Assert.True(Away.IsNoted(_share));
        Assert.False(Away.IsNoted(ShareUri.Parse("nfs://nas/other")));
        await Away.RefreshAsync(Cancellation);
        Assert.True(Away.IsNoted(_share));
        _answers = true;
        await Away.RefreshAsync(Cancellation);
        Assert.Equal((false, 2), (Away.IsNoted(_share), _asked));
        // A listing asks no share that is not noted.
        await Away.RefreshAsync(Cancellation);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_command_that_reaches_the_share_forgets_the_note_and_another_failure_makes_none()
    {
        await Assert.ThrowsAsync<LofizoneException>(() => Away.Noting(Share.OpenAsync)(_share, Cancellation));
        await Away.Noting((_, _) => Task.FromResult<IShare>(null!))(_share, Cancellation);
        Assert.False(Away.IsNoted(_share));
        await Assert.ThrowsAsync<LofizoneException>(() => Away.Noting((_, _) => throw new LofizoneException("denied"))(_share, Cancellation));
        Assert.False(Away.IsNoted(_share));
    }

    [Theory]
    [InlineData(ZoneState.Installed, ZoneState.Unavailable)]
    [InlineData(ZoneState.Configured, ZoneState.Configured)]
    [InlineData(ZoneState.Running, ZoneState.Running)]
    public async Task Only_an_installed_zone_on_such_a_share_is_listed_as_unavailable(ZoneState state, ZoneState listed)
    {
        await Assert.ThrowsAsync<LofizoneException>(() => Away.Noting(Share.OpenAsync)(_share, Cancellation));
        ZoneConfig config = new() { Name = "web", RootImage = new RootImage(_share.ToString(), 1 << 30, "ext4") };
        ZoneRecord record = new() { Version = ZoneRecord.CurrentVersion, Config = config, State = ZoneState.Installed, UidBase = 1 << 30 };
        Assert.Equal(listed, new ZoneStatus(record, null, state).Listed(Away).State);
        ZoneConfig elsewhere = config with { RootImage = config.RootImage! with { Storage = "nfs://nas/other" } };
        Assert.Equal(state, new ZoneStatus(record with { Config = elsewhere }, null, state).Listed(Away).State);
    }
}
