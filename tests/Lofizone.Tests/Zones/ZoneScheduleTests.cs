using System.Collections.Concurrent;
using Lofizone.Zones;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Zones;

public sealed class ZoneScheduleTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(150), _pause = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentQueue<string> _begun = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_turn_goes_to_the_lowest_rank_and_no_more_zones_are_at_work_than_the_width()
    {
        ScheduledZone[] zones = [Zone("l", 2), Zone("d1", 1), Zone("h", 0), Zone("d2", 1)];
        Assert.Empty(await Boots(width: 1).RunAsync(zones, Begin, Cancellation));
        Assert.Equal(["h", "d1", "d2", "l"], _begun);
    }

    [Fact]
    public async Task A_zone_begins_when_those_it_depends_on_are_up()
    {
        TaskCompletionSource up = new(), other = new();
        Task<IReadOnlyDictionary<string, Exception>> all = Boots(width: 8).RunAsync(
            [Zone("web", 0, "db"), Zone("db", 1), Zone("other", 2)],
            async (zone, stop) =>
            {
                await Begin(zone, stop);
                if (zone == "db")
                    await up.Task;
                if (zone == "other")
                    other.SetResult();
            },
            Cancellation);
        await other.Task.WaitAsync(Cancellation);
        Assert.Equal(["db", "other"], _begun.Order());
        up.SetResult();
        Assert.Empty(await all);
        Assert.Equal("web", _begun.Last());
    }

    [Fact]
    public async Task A_zone_behind_a_failure_is_not_begun_and_is_told_of_its_reason()
    {
        IReadOnlyDictionary<string, Exception> failed = await Boots(width: 8).RunAsync(
            [Zone("app", 0, "web"), Zone("web", 0, "db"), Zone("db", 0), Zone("other", 0), Zone("lost", 0) with { Obstacle = new LofizoneException("no such") }],
            (zone, stop) => zone == "db" ? throw new LofizoneException("broken") : Begin(zone, stop),
            Cancellation);
        Assert.Equal(["other"], _begun);
        Assert.Equal("broken", failed["db"].Message);
        Assert.Equal("no such", failed["lost"].Message);
        Assert.Equal("web: not booted: it depends on zone db (boot-dependency), which could not be booted", failed["web"].Message);
        Assert.Equal("app: not booted: it depends on zone web (boot-dependency), which could not be booted", failed["app"].Message);
    }

    [Fact]
    public async Task A_zone_whose_server_is_away_holds_no_turn_and_is_booted_with_its_dependents_when_the_server_is_back()
    {
        bool isBack = false;
        TaskCompletionSource waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ZoneSchedule schedule = new(1, ScheduleOrder.NeedsSuccess, _clock)
        {
            Ask = (zone, _) => zone.StartsWith("far", StringComparison.Ordinal) && !isBack ? throw new LofizoneException("away") : Task.CompletedTask,
            Pause = (_, error, _, _) =>
            {
                waits.TrySetResult();
                return Task.FromResult<TimeSpan?>(error.Message == "away" ? _pause : null);
            },
        };
        TaskCompletionSource near = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IReadOnlyDictionary<string, Exception>> all = schedule.RunAsync(
            [Zone("far", 0), Zone("user", 0, "far"), Zone("near", 2)],
            async (zone, stop) =>
            {
                await Begin(zone, stop);
                if (zone == "near")
                    near.SetResult();
            },
            Cancellation);
        await near.Task.WaitAsync(Cancellation);
        await waits.Task.WaitAsync(Cancellation);
        Assert.Equal(["near"], _begun);
        Assert.False(all.IsCompleted);
        isBack = true;
        await AdvanceUntilAsync(all, _pause);
        Assert.Empty(await all);
        Assert.Equal(["near", "far", "user"], _begun);
    }

    [Fact]
    public async Task A_zone_that_took_too_long_to_boot_gives_its_turn_away_and_its_dependents_are_told()
    {
        Task<IReadOnlyDictionary<string, Exception>> all = Boots(width: 1).RunAsync(
            [Zone("hung", 0), Zone("user", 0, "hung"), Zone("next", 1)],
            (zone, stop) => zone == "hung" ? Task.Delay(Timeout.Infinite, stop) : Begin(zone, stop),
            Cancellation);
        await AdvanceUntilAsync(all, _limit);
        Assert.Equal(["hung", "user"], (await all).Keys.Order());
        Assert.Contains("no end after 150 s", (await all)["hung"].Message, StringComparison.Ordinal);
        Assert.Equal(["next"], _begun);
    }

    [Fact]
    public async Task A_halt_that_hangs_takes_no_other_zones_time()
    {
        // The dependent hangs, holds the one turn, and is left alone at last. The others are halted all the same.
        ZoneSchedule halts = new(1, ScheduleOrder.EndsAnyway, _clock);
        Task<IReadOnlyDictionary<string, Exception>> all = halts.RunAsync(
            [Zone("web", 0), Zone("db", 1, "web"), Zone("other", 2)],
            (zone, stop) => zone == "web" ? new TaskCompletionSource().Task : Begin(zone, stop),
            Cancellation);
        await AdvanceUntilAsync(all, _limit);
        Assert.Equal(["web"], (await all).Keys);
        Assert.Equal(["db", "other"], _begun.Order());
    }

    [Fact]
    public async Task A_halt_of_a_zone_begins_also_when_the_halt_of_its_dependent_has_failed()
    {
        IReadOnlyDictionary<string, Exception> failed = await new ZoneSchedule(8, ScheduleOrder.EndsAnyway, _clock).RunAsync(
            [Zone("db", 0, "web"), Zone("web", 0)], (zone, stop) => zone == "web" ? throw new LofizoneException("busy") : Begin(zone, stop), Cancellation);
        Assert.Equal(["web"], failed.Keys);
        Assert.Equal(["db"], _begun);
    }

    [Fact]
    public async Task A_cancelled_set_ends_with_the_cancellation()
    {
        using CancellationTokenSource stop = new();
        Task all = Boots(width: 1).RunAsync(
            [Zone("a", 0), Zone("b", 0), Zone("c", 0, "a")],
            async (_, cancellation) =>
            {
                await stop.CancelAsync();
                cancellation.ThrowIfCancellationRequested();
            },
            stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all);
    }

    private ZoneSchedule Boots(int width) => new(width, ScheduleOrder.NeedsSuccess, _clock);

    private static ScheduledZone Zone(string name, int rank, params IReadOnlyList<string> after) => new(name, rank, _limit, after);

    private Task Begin(string zone, CancellationToken cancellation)
    {
        _begun.Enqueue(zone);
        return Task.CompletedTask;
    }

    private async Task AdvanceUntilAsync(Task done, TimeSpan step)
    {
        while (!done.IsCompleted)
        {
            _clock.Advance(step);
            await Task.Yield();
        }
    }
}
