using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Interop;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Devices;

public sealed class StallWatchTests
{
    private static readonly DeviceStall _full = new(StallKind.Held, "no space left on the server, 2 waiting", new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 5, 4, 5, 0, 0, TimeSpan.Zero));
    private readonly QueueReporter _reporter = new();
    private readonly TaskCompletionSource _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<Task<DeviceStall?>> _abort;
    private DeviceStall? _stall = _full;
    private int _asked;

    public StallWatchTests() => _abort = () =>
    {
        _aborted.SetResult();
        return Task.FromResult<DeviceStall?>(_stall);
    };

    [Fact]
    public async Task An_operation_whose_device_waits_says_so_and_says_that_it_goes_on()
    {
        Task run = RunAsync(new StallPatience(null, StallEnd.GiveUpDevice));
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
        Task run = RunAsync(new StallPatience(TimeSpan.FromSeconds(10), StallEnd.GiveUpDevice));
        await AdvanceUntilAsync(() => _aborted.Task.IsCompleted);
        Assert.True(Said("what is not stored is given up"));
        _work.SetException(new LofizoneException("the file system can't be read"));
        await Assert.ThrowsAsync<LofizoneException>(() => run);
    }

    [Fact]
    public async Task With_a_device_that_works_nothing_is_said()
    {
        _stall = null;
        Task run = RunAsync(new StallPatience(TimeSpan.FromSeconds(1), StallEnd.GiveUpDevice));
        await AdvanceUntilAsync(() => _asked > 5);
        _work.SetResult();
        await run;
        Assert.Empty(_reporter.Lines);
        Assert.False(_aborted.Task.IsCompleted);
    }

    [Fact]
    public async Task Work_whose_data_is_wanted_is_ended_with_an_error_that_says_since_when_and_its_device_is_kept()
    {
        _stall = new DeviceStall(StallKind.Silent);
        Task run = RunAsync(new StallPatience(TimeSpan.FromSeconds(10), StallEnd.EndWork));
        Task stopped = _stopped.Task;
        await AdvanceUntilAsync(() => stopped.IsCompleted);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => run);
        Assert.StartsWith("web: its server does not answer since 2026-05-04 05:00:", error.Message, StringComparison.Ordinal);
        Assert.False(_aborted.Task.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_that_can_not_be_given_up_ends_the_work_only_if_it_still_waits(bool waits)
    {
        _abort = () =>
        {
            _stall = waits ? _stall : null;
            return Task.FromResult<DeviceStall?>(null);
        };
        Task run = RunAsync(new StallPatience(TimeSpan.FromSeconds(10), StallEnd.GiveUpDevice));
        await AdvanceUntilAsync(() => _stopped.Task.IsCompleted || Said("its I/O goes on"));
        Assert.Equal(waits, _stopped.Task.IsCompleted);
        _work.TrySetResult();
        if (waits)
            await Assert.ThrowsAsync<LofizoneException>(() => run);
        else
            await run;
    }

    [Fact]
    public async Task An_interrupt_ends_the_wait_of_work_that_would_wait_for_ever_in_the_kernel()
    {
        using CancellationTokenSource user = new();
        Task run = RunAsync(new StallPatience(null, StallEnd.GiveUpDevice), heedsItsCancellation: false, user.Token);
        await AdvanceUntilAsync(() => Said("; waiting. To give up"));
        Assert.False(_aborted.Task.IsCompleted);
        await user.CancelAsync();
        await AdvanceUntilAsync(() => _aborted.Task.IsCompleted);
        _work.SetException(new LinuxException(Errno.EIO, "read"));
        await Assert.ThrowsAsync<LinuxException>(() => run);
    }

    private Task RunAsync(StallPatience patience, bool heedsItsCancellation = true, CancellationToken user = default)
    {
        StallSubject subject = new(
            "web",
            "zone halt --force web",
            _ =>
            {
                Interlocked.Increment(ref _asked);
                return Task.FromResult(_stall);
            },
            _ => _abort(),
            stall => new LofizoneException($"web: {stall}"));
        return new StallWatch(subject, _reporter, _clock).RunAsync(
            async stop =>
            {
                try
                {
                    await (heedsItsCancellation ? _work.Task.WaitAsync(stop) : _work.Task);
                }
                finally
                {
                    if (stop.IsCancellationRequested)
                        _stopped.SetResult();
                }
            },
            patience,
            user);
    }

    private bool Said(string text) => _reporter.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    private async Task AdvanceUntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            // The code under test runs in other threads, which need real time at each step of the clock.
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lines that the watch writes while the test reads them.</summary>
    private sealed class QueueReporter : IReporter
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public void Line(string text) => Lines.Enqueue(text);

        public void Progress(string text, long done, long total)
        {
        }
    }
}
