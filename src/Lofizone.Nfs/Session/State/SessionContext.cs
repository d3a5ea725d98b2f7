using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.State;

/// <summary>The state that all parts of one session share.</summary>
internal sealed class SessionContext : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public SessionContext(NfsClientOptions options, string server)
    {
        (Options, Server) = (options, server);
        Threads = options.Threads ?? new SystemThreads(options.TimeProvider);
        Wake = Threads.NewSignal();
        Statistics = new NfsStatistics(options.TimeProvider);
        Stop = _stop.Token;
    }

    public NfsClientOptions Options { get; }

    /// <summary>Host and port of each path, for messages.</summary>
    public string Server { get; }

    public TimeProvider Time => Options.TimeProvider;

    public IClientThreads Threads { get; }

    /// <summary>Wakes the session's thread: there may be recovery work, or an event that a recovery waits for has happened.</summary>
    public ThreadSignal Wake { get; }

    public NfsStatistics Statistics { get; }

    public SessionState State { get; } = new();

    /// <summary>
    /// Guards slots, waiting calls, connections and the phase. One gate guards all of them, because a call gets slot and connection in one
    /// step, during which the session must stay open. With a gate for each part every block would take three gates.
    /// </summary>
    public Lock Gate { get; } = new();

    /// <summary>Ends sleeps. Only sleeps are registered with this token, so that cancelling needs no other thread.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Reason why the first session could not be made.</summary>
    public NfsException? SetupFailure { get; set; }

    public void EndSleeps()
    {
        if (!Stop.IsCancellationRequested)
            _stop.Cancel();
    }

    /// <summary>Called after <see cref="EndSleeps"/>. Threads that are connecting may look at <see cref="Stop"/> later.</summary>
    public void Dispose() => _stop.Dispose();

    /// <summary>The exception that callers get after the end.</summary>
    public NfsUnreachableException Closed() => new(Server, "CLOSE", "the client is closed", SetupFailure);

    /// <summary>Waits on the session's thread.</summary>
    /// <exception cref="IOException">The client was closed.</exception>
    public void Pause(TimeSpan time)
    {
        try
        {
            Threads.Sleep(time, Stop);
        }
        catch (OperationCanceledException)
        {
            throw new IOException("the client is closed");
        }
    }
}
