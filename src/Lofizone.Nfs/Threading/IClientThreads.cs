namespace Lofizone.Nfs.Threading;

/// <summary>
/// The threads of a client and everything they wait for, apart from the network (which waits in <see cref="Rpc.IRpcChannel"/>). The seam at
/// which a simulation lets one thread run at a time and chooses which, so that a run is decided by its seed alone.
/// </summary>
internal interface IClientThreads
{
    /// <summary>Starts a background thread.</summary>
    void Start(string name, Action run);

    ThreadSignal NewSignal();

    /// <summary>A timer whose callback runs on a thread of its own, so that one that is seldom due wakes nothing else.</summary>
    /// <param name="name">Name of that thread.</param>
    /// <param name="callback">Must be brief.</param>
    /// <param name="period">From now to the first call, and from each to the next.</param>
    ITimer NewTimer(string name, Action callback, TimeSpan period);

    /// <summary>Blocks the calling thread.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before or meanwhile.</exception>
    void Sleep(TimeSpan duration, CancellationToken cancellation);
}

/// <summary>Wakes one waiting thread; set with nobody waiting, it lets the next wait pass. Like <see cref="AutoResetEvent"/>: several settings may count as one.</summary>
internal abstract class ThreadSignal
{
    public abstract void Set();

    public abstract void Wait();
}
