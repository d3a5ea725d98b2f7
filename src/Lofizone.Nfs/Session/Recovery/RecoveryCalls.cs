using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Requests of the session's thread: one at a time, each waited for, while the session is not open for others. Only for that thread.
/// </summary>
internal sealed class RecoveryCalls(
    SessionContext context, ConnectionSet connections, PathJudge paths, ControlCalls control, CallQueue queue)
{
    private static readonly TimeSpan _delayPause = TimeSpan.FromMilliseconds(500);

    private NfsConnection? _leader;
    private IRpcChannel? _leaderChannel;

    /// <summary>The connection over which requests outside of the session go.</summary>
    public NfsConnection Leader => _leader!;

    /// <summary>Chooses the connection on which the session is made; false when there is none. The session's gate is held.</summary>
    public bool FindLeader()
    {
        _leader = connections.Find(connection => connection.IsUnbound && paths.MayLead(connection));
        _leaderChannel = _leader?.Channel;
        return _leader is not null;
    }

    /// <summary>
    /// What the leading connection's server said can't be worked with. Ends that very connection: its successor knows nothing of this.
    /// </summary>
    public void EndLeader() => _leaderChannel?.Shutdown();

    /// <summary>All connections but the leading one have failed. The session's gate is held.</summary>
    public bool HaveOthersFailed() => connections.AreAll(connection => connection == _leader || connection.HasFailed);

    /// <summary>Sends a request until the server says something else than DELAY to it.</summary>
    /// <param name="make">Encodes it anew for every try.</param>
    public CompoundCall Ask(Func<CompoundCall> make)
    {
        while (true)
        {
            CompoundCall call = make();
            if (Execute(call) != NfsStatus.Delay)
                return call;
            context.Pause(_delayPause);
        }
    }

    /// <summary>
    /// Sends a call and waits for its answer. A call within the session survives the end of its connection like any other; one outside of
    /// it
    /// goes over the leading connection and fails with it.
    /// </summary>
    /// <exception cref="SessionLostException">The session is gone.</exception>
    /// <exception cref="IOException">The client is closed, or the connection ended.</exception>
    public NfsStatus Execute(CompoundCall call)
    {
        call.IsInternal = true;
        Task<NfsStatus> answer = call.HasSequence ? queue.SubmitInternal(call).AsTask() : control.Submit(Leader, call).AsTask();
        _ = answer.ContinueWith(
            _ => context.Wake.Set(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        TimeSpan deadline = context.Options.SetupDeadline;
        using ITimer watchdog = context.Time.CreateTimer(_ => Interrupt(call), null, deadline, deadline);
        while (!answer.IsCompleted)
        {
            context.Wake.Wait();
            lock (context.Gate)
            {
                context.State.ThrowIfClosed();
                if (call.HasSequence)
                    context.State.RequireSession();
                // Answered before it was sent completely, then the connection ended: nobody is left to complete it.
                if (call.IsReplied && !call.IsPutOff && call.Route is not { IsDown: false } && !answer.IsCompleted)
                    throw new IOException("the connection ended inside a request");
            }
        }
        return answer.GetAwaiter().GetResult();
    }

    /// <summary>The server takes longer than allowed: another connection may do better.</summary>
    private void Interrupt(CompoundCall call)
    {
        ICallRoute? route;
        lock (context.Gate)
            route = call.Route;
        route?.Shutdown();
    }
}
