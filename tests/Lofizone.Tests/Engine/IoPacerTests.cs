using Lofizone.Engine;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Engine;

public sealed class IoPacerTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly IoPacer _pacer;

    public IoPacerTests() => _pacer = new IoPacer(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task Write(long bytes, CancellationToken cancellation) => _pacer.WriteAsync(bytes, cancellation).AsTask();

    private Task Read(long bytes, CancellationToken cancellation) => _pacer.ReadAsync(bytes, cancellation).AsTask();

    [Fact]
    public void Without_limits_no_request_waits()
    {
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(Write(Mebibyte, Cancellation).IsCompletedSuccessfully));
        Assert.True(_pacer.Limits.IsNone);
    }

    [Fact]
    public async Task Writes_get_their_bytes_in_a_second_in_the_order_in_which_they_came()
    {
        _pacer.Limits = new IoLimits(0, 4 * Mebibyte);
        Task[] writes = [.. Enumerable.Range(0, 41).Select(_ => _pacer.WriteAsync(Mebibyte, Cancellation).AsTask())];
        for (int second = 0; second <= 10; second++)
        {
            // The first request of all needs no wait.
            await Task.WhenAll(writes.Take((second * 4) + 1)).WaitAsync(Cancellation);
            Assert.All(writes.Skip((second * 4) + 1), w => Assert.False(w.IsCompleted));
            _clock.Advance(_second);
        }
    }

    [Fact]
    public async Task The_tighter_one_of_two_limits_counts()
    {
        _pacer.Limits = new IoLimits(10, Mebibyte);
        Task[] small = [.. Enumerable.Range(0, 21).Select(_ => _pacer.WriteAsync(512, Cancellation).AsTask())];
        _clock.Advance(_second);
        await Task.WhenAll(small.Take(11)).WaitAsync(Cancellation);
        Assert.All(small.Skip(11), w => Assert.False(w.IsCompleted));
    }

    [Fact]
    public void Reads_and_writes_do_not_take_from_each_other()
    {
        _pacer.Limits = new IoLimits(0, Mebibyte);
        Assert.True(Write(10 * Mebibyte, Cancellation).IsCompletedSuccessfully);
        Assert.False(Write(1, Cancellation).IsCompleted);
        Assert.True(Read(Mebibyte, Cancellation).IsCompletedSuccessfully);
        Assert.False(Read(1, Cancellation).IsCompleted);
    }

    [Fact]
    public void A_long_pause_saves_no_more_than_a_burst()
    {
        _pacer.Limits = new IoLimits(100, 0);
        _clock.Advance(TimeSpan.FromHours(1));
        int saved = (int)(IoPacer.Burst.TotalSeconds * 100);
        Assert.All(Enumerable.Range(0, saved + 1), _ => Assert.True(Read(1, Cancellation).IsCompletedSuccessfully));
        Assert.False(Read(1, Cancellation).IsCompleted);
    }

    [Fact]
    public async Task Other_limits_count_at_once_also_for_requests_that_wait()
    {
        _pacer.Limits = new IoLimits(0, Mebibyte);
        Task[] writes = [.. Enumerable.Range(0, 9).Select(_ => _pacer.WriteAsync(100 * Mebibyte, Cancellation).AsTask())];
        await writes[0].WaitAsync(Cancellation);
        _pacer.Limits = new IoLimits(0, 100 * Mebibyte);
        while (writes.Count(w => w.IsCompleted) < 6)
        {
            _clock.Advance(_second);
            await Task.Yield();
        }

        _pacer.Limits = default;
        await Task.WhenAll(writes).WaitAsync(Cancellation);
        Assert.True(Write(Mebibyte, Cancellation).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_ends_its_wait()
    {
        _pacer.Limits = new IoLimits(0, Mebibyte);
        Assert.True(Write(1000 * Mebibyte, Cancellation).IsCompletedSuccessfully);
        using CancellationTokenSource stop = new();
        Task waits = _pacer.WriteAsync(1, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
    }
}
