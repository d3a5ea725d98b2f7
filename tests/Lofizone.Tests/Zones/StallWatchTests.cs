using Lofizone.Lofi;
using Lofizone.Zones;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Zones;

public sealed class StallWatchTests
{
    private static readonly DeviceStall _full = new(StallKind.Held, "no space left on the server, 2 waiting", new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));

    private readonly FakeTimeProvider _clock = new();
    private readonly QueueReporter _reporter = new();
    private readonly TaskCompletionSource _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DeviceStall? _stall = _full;
    private int _asked;

    [Fact]
    public async Task An_operation_whose_device_waits_says_so_and_says_that_it_goes_on()
    {
        Task run = RunAsync(patience: null);
        await AdvanceUntilAsync(() => Said("web: its share is full since 2026-05-04 03:02:01 UTC (no space left on the server, 2 waiting); waiting. To give up what is not stored: zone halt --force web"));
        _stall = null;
        await AdvanceUntilAsync(() => Said("web: its I/O goes on"));
        _work.SetResult();
        await run;
        Assert.False(_aborted.Task.IsCompleted);
    }

    [Fact]
    public async Task A_device_that_waits_for_longer_than_the_operation_has_patience_is_given_up()
    {
        Task run = RunAsync(patience: TimeSpan.FromSeconds(10));
        await AdvanceUntilAsync(() => _aborted.Task.IsCompleted);
        Assert.True(Said("what is not stored is given up"));
        _work.SetException(new LofizoneException("the file system can't be read"));
        await Assert.ThrowsAsync<LofizoneException>(() => run);
    }

    [Fact]
    public async Task With_a_device_that_works_nothing_is_said()
    {
        _stall = null;
        Task run = RunAsync(patience: TimeSpan.FromSeconds(1));
        await AdvanceUntilAsync(() => _asked > 5);
        _work.SetResult();
        await run;
        Assert.Empty(_reporter.Lines);
        Assert.False(_aborted.Task.IsCompleted);
    }

    private Task RunAsync(TimeSpan? patience)
    {
        StallWatch watch = new(
            "web",
            _ =>
            {
                Interlocked.Increment(ref _asked);
                return Task.FromResult(_stall);
            },
            _ =>
            {
                _aborted.SetResult();
                return Task.FromResult(_stall);
            },
            _reporter,
            _clock);
        return watch.RunAsync(() => _work.Task, patience);
    }

    private bool Said(string text) => _reporter.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    private async Task AdvanceUntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Written by the watch while the test reads it.</summary>
    private sealed class QueueReporter : IReporter
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public void Line(string text) => Lines.Enqueue(text);

        public void Progress(string text, long done, long total)
        {
        }
    }
}
