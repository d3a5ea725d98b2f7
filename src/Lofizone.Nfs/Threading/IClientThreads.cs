namespace Lofizone.Nfs.Threading;

/// <summary>
/// The threads of a client, and everything that they wait for except the network (<see cref="Rpc.IRpcChannel"/>). A simulation takes this
/// interface's place. The simulation lets one thread run at a time and chooses which, so that its seed alone decides a run.
/// </summary>
internal interface IClientThreads
{
    /// <summary>Starts a background thread.</summary>
    void Start(string name, Action run);

    ThreadSignal NewSignal();

    /// <summary>A timer whose callback runs on a thread of its own, so that a rare callback wakes no other thread.</summary>
    /// <param name="name">Name of the timer's thread.</param>
    /// <param name="callback">The callback; must be brief.</param>
    /// <param name="period">Time from now to the first call, and from each call to the next.</param>
    ITimer NewTimer(string name, Action callback, TimeSpan period);

    /// <summary>Blocks the calling thread.</summary>
    /// <exception cref="OperationCanceledException">The cancellation was requested before or during the sleep.</exception>
    void Sleep(TimeSpan duration, CancellationToken cancellation);
}

/// <summary>
/// Wakes one waiting thread. A signal that is set while no thread waits lets the next wait pass. Several settings may count as one, like
/// those of <see cref="AutoResetEvent"/>.
/// </summary>
internal abstract class ThreadSignal
{
    public abstract void Set();

    public abstract void Wait();
}
