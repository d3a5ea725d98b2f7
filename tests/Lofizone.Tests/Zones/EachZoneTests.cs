using Lofizone.Zones;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Zones;

public sealed class EachZoneTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(150);

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_zone_that_fails_keeps_no_other_from_its_turn()
    {
        HashSet<string> done = [];
        IReadOnlyDictionary<string, Exception> failed = await new EachZone(2, _limit, _clock).RunAsync(
            ["a", "b", "c", "d"],
            (zone, _) =>
            {
                if (zone is "a" or "c")
                    throw new LofizoneException($"{zone} fails");
                lock (done)
                    done.Add(zone);
                return Task.CompletedTask;
            },
            Cancellation);
        Assert.Equal(["a", "c"], failed.Keys.Order());
        Assert.Equal(["b", "d"], done.Order());
    }

    [Fact]
    public async Task A_zone_that_does_not_end_is_given_up_at_its_limit_and_others_are_finished_beside_it()
    {
        TaskCompletionSource othersDone = new(), never = new();
        int left = 2;
        Task<IReadOnlyDictionary<string, Exception>> all = new EachZone(2, _limit, _clock).RunAsync(
            ["hung", "b", "c"],
            (zone, _) =>
            {
                if (zone == "hung")
                    return never.Task;
                if (Interlocked.Decrement(ref left) == 0)
                    othersDone.SetResult();
                return Task.CompletedTask;
            },
            Cancellation);
        await othersDone.Task.WaitAsync(Cancellation);
        Assert.False(all.IsCompleted);
        while (!all.IsCompleted)
        {
            _clock.Advance(_limit);
            await Task.Yield();
        }

        KeyValuePair<string, Exception> failed = Assert.Single(await all);
        Assert.Equal("hung", failed.Key);
        Assert.Contains("150 s", failed.Value.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_is_told_to_stop_at_its_limit()
    {
        TaskCompletionSource told = new(), started = new();
        Task<IReadOnlyDictionary<string, Exception>> all = new EachZone(1, _limit, _clock).RunAsync(
            ["slow"],
            async (_, stop) =>
            {
                using CancellationTokenRegistration registration = stop.Register(told.SetResult);
                started.SetResult();
                await told.Task;
                stop.ThrowIfCancellationRequested();
            },
            Cancellation);
        await started.Task.WaitAsync(Cancellation);
        _clock.Advance(_limit);
        await told.Task.WaitAsync(Cancellation);
        Assert.Equal(["slow"], (await all).Keys);
    }

    [Fact]
    public async Task No_more_zones_than_the_width_are_worked_on_at_a_time()
    {
        int now = 0, most = 0;
        Lock gate = new();
        await new EachZone(3, _limit, _clock).RunAsync(
            Enumerable.Range(0, 40).Select(i => $"z{i}"),
            async (_, _) =>
            {
                lock (gate)
                    most = Math.Max(most, ++now);
                await Task.Yield();
                lock (gate)
                    now--;
            },
            Cancellation);
        Assert.InRange(most, 1, 3);
    }
}
