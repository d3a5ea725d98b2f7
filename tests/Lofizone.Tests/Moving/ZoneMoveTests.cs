using Lofizone.Moving;
using Lofizone.Zones;

namespace Lofizone.Tests.Moving;

/// <summary>A move's calls of its two ends, when either end fails.</summary>
public sealed class ZoneMoveTests : IMoveSource, IMoveTarget
{
    private readonly List<string> _log = [];
    private readonly RecordingReporter _reporter = new();
    private readonly Dictionary<string, Exception> _failures = new(StringComparer.Ordinal);

    string IMoveSource.Host => "a";

    string IMoveTarget.Host => "b";

    [Fact]
    public async Task Both_ends_are_asked_before_the_zone_is_given_and_the_gap_is_summed_up()
    {
        await MoveAsync();
        Assert.Equal(["offer", "check", "give", "take", "end"], _log);
        string summary = Assert.Single(_reporter.Lines);
        // The target needed no time by the test's clock, but reported a time of its own.
        Assert.StartsWith("web: runs on b; 0.", summary, StringComparison.Ordinal);
        Assert.Contains("its shutdown (5.00 s) and its start: halt 0.25 s, detach 0.50 s, attach 2.00 s, boot 1.00 s", summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offer", "offer")]
    [InlineData("check", "offer", "check")]
    public async Task What_is_refused_is_not_given(string fails, params string[] log)
    {
        _failures[fails] = new LofizoneException("no", "advice");
        Assert.Equal("no", (await Assert.ThrowsAsync<LofizoneException>(MoveAsync)).Message);
        Assert.Equal(log, _log);
    }

    [Theory]
    [InlineData("give", "offer", "check", "give", "back")]
    [InlineData("take", "offer", "check", "give", "take", "back")]
    public async Task After_a_failure_the_source_has_the_zone_again(string fails, params string[] log)
    {
        _failures[fails] = new LofizoneException("no", "advice");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(MoveAsync);
        Assert.Equal(log, _log);
        Assert.Equal("web: not moved to b: no; it runs on a again", error.Message);
        Assert.Equal("advice", error.Advice);
    }

    [Fact]
    public async Task A_way_back_that_fails_names_both_failures_and_the_commands_that_help()
    {
        _failures["take"] = new LofizoneException("no");
        _failures["back"] = new LofizoneException("neither");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(MoveAsync);
        Assert.Equal("web: not moved to b: no; and it could not be taken back to a: neither", error.Message);
        foreach (string command in new[] { "zone list --share", "zone boot web", "zone attach web", "zone takeover web" })
            Assert.Contains(command, error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_move_says_where_the_zone_is_and_stays_an_interruption()
    {
        _failures["take"] = new OperationCanceledException();
        await Assert.ThrowsAsync<OperationCanceledException>(MoveAsync);
        Assert.Equal(["web: not moved to b: interrupted; it runs on a again"], _reporter.Lines);
    }

    [Fact]
    public async Task A_source_that_can_not_be_told_does_not_take_the_success_back()
    {
        _failures["end"] = new LofizoneException("gone");
        await MoveAsync();
        Assert.Contains("could not be told", _reporter.Lines[0], StringComparison.Ordinal);
        Assert.Equal("end", _log[^1]);
    }

    async Task<ZoneOffer> IMoveSource.OfferAsync(bool noExecute, CancellationToken cancellation)
    {
        await DoAsync("offer");
        return new ZoneOffer { Host = "a", HostId = "1", Config = "", Running = true };
    }

    async Task<ZoneGift> IMoveSource.GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation)
    {
        Assert.Equal("b", to);
        await DoAsync("give");
        return new ZoneGift(DateTimeOffset.UnixEpoch, 5, 0.25, 0.5);
    }

    Task IMoveSource.TakeBackAsync(CancellationToken cancellation)
    {
        // The token that has ended the move is never used.
        Assert.False(cancellation.CanBeCanceled);
        return DoAsync("back");
    }

    Task IMoveSource.EndAsync(CancellationToken cancellation) => DoAsync("end");

    Task IMoveTarget.CheckAsync(ZoneOffer offer, CancellationToken cancellation) => DoAsync("check");

    async Task<ZoneArrival> IMoveTarget.TakeAsync(ZoneOffer offer, ZoneGift gift, CancellationToken cancellation)
    {
        await DoAsync("take");
        return new ZoneArrival(2, 1);
    }

    ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task MoveAsync()
    {
        using CancellationTokenSource source = new();
        ZoneMove move = new("web", this, this, TimeProvider.System, _reporter);
        await move.RunAsync(await move.CheckAsync(noExecute: false, source.Token), source.Token);
    }

    private Task DoAsync(string what)
    {
        _log.Add(what);
        return _failures.TryGetValue(what, out Exception? failure) ? Task.FromException(failure) : Task.CompletedTask;
    }
}
