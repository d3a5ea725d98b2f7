using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Tests.Threading;

public sealed class ThreadTimerTests
{
    private static readonly TimeSpan _never = TimeSpan.FromHours(1);
    private static readonly TimeSpan _hung = TimeSpan.FromSeconds(30);

    [Fact]
    public void It_calls_again_and_again_on_one_thread_of_its_own()
    {
        using CountdownEvent calls = new(3);
        HashSet<int> threads = [];
        using ThreadTimer timer = new(new SystemThreads(TimeProvider.System), "timer", () =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            if (!calls.IsSet)
                calls.Signal();
        }, TimeSpan.FromMilliseconds(1));
        Assert.True(calls.Wait(_hung, TestContext.Current.CancellationToken));
        timer.Dispose();
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(threads));
    }

    [Fact]
    public void A_change_counts_at_once()
    {
        using ManualResetEventSlim called = new();
        using ThreadTimer timer = new(new SystemThreads(TimeProvider.System), "timer", called.Set, _never);
        Assert.True(timer.Change(TimeSpan.Zero, _never));
        Assert.True(called.Wait(_hung, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_timer_that_is_disposed_of_ends_its_thread_and_cannot_be_changed()
    {
        OneThread threads = new();
        ThreadTimer timer = new(threads, "timer", () => throw new InvalidOperationException("called"), _never);
        timer.Dispose();
        Assert.True(threads.Thread!.Join(_hung));
        Assert.False(timer.Change(TimeSpan.Zero, _never));
    }

    private sealed class OneThread : IClientThreads
    {
        public Thread? Thread { get; private set; }

        public void Start(string name, Action run)
        {
            Thread = new Thread(() => run()) { IsBackground = true, Name = name };
            Thread.Start();
        }

        public ThreadSignal NewSignal() => throw new NotSupportedException();

        public ITimer NewTimer(string name, Action callback, TimeSpan period) => throw new NotSupportedException();

        public void Sleep(TimeSpan duration, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
