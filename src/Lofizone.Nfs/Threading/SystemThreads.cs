namespace Lofizone.Nfs.Threading;

/// <summary>Threads of the operating system.</summary>
internal sealed class SystemThreads(TimeProvider time) : IClientThreads
{
    public void Start(string name, Action run) => new Thread(() => run()) { IsBackground = true, Name = name }.Start();

    public ThreadSignal NewSignal() => new Signal();

    // A clock other than the system's has its own timers.
    public ITimer NewTimer(string name, Action callback, TimeSpan period) =>
        time == TimeProvider.System
            ? new ThreadTimer(this, name, callback, period)
            : time.CreateTimer(_ => callback(), null, period, period);

    public void Sleep(TimeSpan duration, CancellationToken cancellation) =>
        Task.Delay(duration, time, cancellation).GetAwaiter().GetResult();

    private sealed class Signal : ThreadSignal
    {
        private readonly object _gate = new();
        private bool _set;

        public override void Set()
        {
            lock (_gate)
            {
                _set = true;
                Monitor.Pulse(_gate);
            }
        }

        public override void Wait()
        {
            lock (_gate)
            {
                while (!_set)
                    Monitor.Wait(_gate);
                _set = false;
            }
        }
    }
}
