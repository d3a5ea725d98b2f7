using System.Diagnostics.CodeAnalysis;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>
/// Lets exactly one thread of a run go on at a time, chosen by the seed. The client's threads hand over where they would block, and
/// sometimes where they send. Work for the thread pool is posted here, because the scheduler is the synchronization context of all threads.
/// When no thread can go on, the clock jumps to the next event. So the seed alone decides the run.
/// </summary>
/// <remarks>
/// A thread runs undisturbed between two points where it may hand over. The scheduler does not explore preemption inside the client's
/// locked sections or between two memory accesses. <see cref="StuckAfter"/> finds a thread that blocks at any other place.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The semaphores have no handles; threads may still look at them after an abort.")]
internal sealed class SimScheduler(int seed, SimTrace trace) : SynchronizationContext, IClientThreads
{
    /// <summary>Turns after which a run counts as an endless loop.</summary>
    private const int MostTurns = 400_000;

    /// <summary>Longest real time of a turn. A longer turn blocks where the scheduler does not know of it.</summary>
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(60);

    private readonly Random _choices = new(seed);
    private readonly List<Fiber> _fibers = [];
    private readonly List<(SendOrPostCallback Callback, object? State)> _posted = [];
    private readonly SemaphoreSlim _driver = new(0);
    private Fiber? _current;
    private volatile bool _aborted;
    private int _turns;

    private sealed class Fiber(string name)
    {
        public string Name { get; } = name;

        public SemaphoreSlim Baton { get; } = new(0);

        public bool IsRunnable { get; set; }

        public bool HasEnded { get; set; }

        /// <summary>A thread that serves posted work, piece by piece.</summary>
        public bool IsWorker { get; init; }

        public (SendOrPostCallback Callback, object? State)? Work { get; set; }

        public string WaitsFor { get; set; } = "its start";
    }

    /// <summary>Ends a thread of a failed run.</summary>
    private sealed class AbortedException : Exception;

    public SimTime Time { get; } = new();

    /// <summary>The exception that ended a thread or a piece of work.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Threads that have not ended, without those that serve posted work.</summary>
    public IEnumerable<string> LiveThreads => _fibers.Where(fiber => !fiber.HasEnded && !fiber.IsWorker).Select(fiber => $"{fiber.Name} (waits for {fiber.WaitsFor})");

    /// <summary>Runs everything until the work is done.</summary>
    /// <param name="work">The work. Its continuations run on this scheduler.</param>
    /// <param name="limit">Simulated time after which the work counts as hanging.</param>
    /// <exception cref="SimFailureException">The work hangs, blocks or loops, or a thread of the client failed.</exception>
    public void Run(Func<Task> work, TimeSpan limit)
    {
        Task? task = null;
        _posted.Add((_ => task = work(), null));
        TimeSpan end = Time.Now + limit;
        while (task is not { IsCompleted: true })
            Turn(end);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs until the condition holds. False when the time is over.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        TimeSpan end = Time.Now + limit;
        while (!condition())
        {
            if (Time.Now > end)
                return false;
            Turn(end + limit);
        }
        return true;
    }

    /// <summary>Ends all threads and the run.</summary>
    public void Abort()
    {
        _aborted = true;
        foreach (Fiber fiber in _fibers)
            fiber.Baton.Release();
    }

    void IClientThreads.Start(string name, Action run) => StartFiber(new Fiber(name), run);

    ThreadSignal IClientThreads.NewSignal() => new Signal(this);

    ITimer IClientThreads.NewTimer(string name, Action callback, TimeSpan period) => Time.CreateTimer(_ => callback(), null, period, period);

    void IClientThreads.Sleep(TimeSpan duration, CancellationToken cancellation)
    {
        Fiber me = Me();
        bool over = false;
        void Wake()
        {
            // The clock's event outlives a pause that was cut short.
            if (!over)
                me.IsRunnable = true;
            over = true;
        }
        Time.At(Time.Now + duration, Wake);
        using (cancellation.Register(Wake))
        {
            while (!over)
                Park("the end of its pause");
        }
        cancellation.ThrowIfCancellationRequested();
    }

    public override SynchronizationContext CreateCopy() => this;

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>
    /// Continuations of the hot path's value tasks run at once, as in production: on the thread that received the reply. All other
    /// continuations would go to the thread pool there. Here they run at a time that the seed chooses.
    /// </summary>
    public override void Post(SendOrPostCallback d, object? state)
    {
        bool isValueTask = d.Method.DeclaringType?.FullName?.Contains("ManualResetValueTaskSource", StringComparison.Ordinal) == true;
        // A value task that was turned into a task is off the hot path and asks for the thread pool.
        if (_current is not null && isValueTask && state is not KeyValuePair<Action<object?>, object?> { Value: Task })
            d(state);
        else
            Add(d, state);
    }

    /// <summary>Refuses work of threads outside of the run. Their time is not the seed's choice.</summary>
    private void Add(SendOrPostCallback callback, object? state)
    {
        if (_current is not null && Current != this)
            Failure ??= new InvalidOperationException("work went over the thread pool: " + Environment.StackTrace);
        _posted.Add((callback, state));
    }

    public void Park(string waitsFor)
    {
        Fiber me = Me();
        me.WaitsFor = waitsFor;
        me.IsRunnable = false;
        HandOver(me);
    }

    public object CurrentThread => Me();

    public static void Wake(object? thread) => ((Fiber)thread!).IsRunnable = true;

    /// <summary>Lets another thread go on if the seed says so.</summary>
    public void Preempt()
    {
        if (_current is not { } me || _choices.Next(4) != 0)
            return;
        me.WaitsFor = "its turn";
        HandOver(me);
    }

    private void Turn(TimeSpan end)
    {
        if (Failure is { } failure)
            throw new SimFailureException("a thread of the client ended: " + failure, failure);
        if (++_turns > MostTurns)
            throw new SimFailureException($"no end after {MostTurns} turns; " + Describe());
        int runnable = _fibers.Count(fiber => fiber.IsRunnable);
        if (runnable + _posted.Count == 0)
        {
            if (!Time.JumpToNext(work => _posted.Add((_ => work(), null))))
                throw new SimFailureException("everything waits for something that never comes: " + Describe());
            if (Time.Now > end)
                throw new SimFailureException("it hangs: " + Describe());
            return;
        }
        int choice = _choices.Next(runnable + _posted.Count);
        if (choice < runnable)
        {
            Resume(_fibers.Where(fiber => fiber.IsRunnable).ElementAt(choice));
            return;
        }
        (SendOrPostCallback Callback, object? State) work = _posted[choice - runnable];
        _posted.RemoveAt(choice - runnable);
        Fiber? worker = _fibers.Find(fiber => fiber.IsWorker && fiber.Work is null && !fiber.HasEnded);
        if (worker is null)
        {
            worker = new Fiber("worker " + _fibers.Count(fiber => fiber.IsWorker)) { IsWorker = true };
            Fiber started = worker;
            StartFiber(worker, () => Serve(started));
        }
        worker.Work = work;
        worker.IsRunnable = true;
        Resume(worker);
    }

    private void Serve(Fiber me)
    {
        while (true)
        {
            (SendOrPostCallback callback, object? state) = me.Work!.Value;
            callback(state);
            me.Work = null;
            Park("work");
        }
    }

    private void StartFiber(Fiber fiber, Action run)
    {
        fiber.IsRunnable = true;
        _fibers.Add(fiber);
        new Thread(() => Live(fiber, run)) { IsBackground = true, Name = fiber.Name }.Start();
    }

    private void Live(Fiber me, Action run)
    {
        SetSynchronizationContext(this);
        me.Baton.Wait();
        try
        {
            if (!_aborted)
                run();
        }
        catch (AbortedException)
        {
            // The run is over.
        }
        catch (Exception error)
        {
            Failure ??= error;
        }
        me.HasEnded = true;
        me.IsRunnable = false;
        if (!_aborted)
            _driver.Release();
    }

    private void Resume(Fiber fiber)
    {
        trace.Switch(fiber.Name);
        _current = fiber;
        fiber.Baton.Release();
        if (!_driver.Wait(StuckAfter))
            throw new SimFailureException($"{fiber.Name} blocks where the scheduler does not know of it");
        _current = null;
    }

    private void HandOver(Fiber me)
    {
        if (_aborted)
            throw new AbortedException();
        _driver.Release();
        me.Baton.Wait();
        if (_aborted)
            throw new AbortedException();
    }

    private Fiber Me() => _aborted ? throw new AbortedException() : _current ?? throw new InvalidOperationException("not on a thread of the run");

    private string Describe() => string.Join(", ", LiveThreads);

    private sealed class Signal(SimScheduler scheduler) : ThreadSignal
    {
        private bool _set;
        private object? _waiter;

        public override void Set()
        {
            _set = true;
            if (_waiter is not null)
                Wake(_waiter);
        }

        public override void Wait()
        {
            _waiter = scheduler.CurrentThread;
            while (!_set)
                scheduler.Park("a signal");
            _waiter = null;
            _set = false;
        }
    }
}

/// <summary>The client broke a promise or hangs.</summary>
internal sealed class SimFailureException(string message, Exception? inner = null) : Exception(message, inner);
