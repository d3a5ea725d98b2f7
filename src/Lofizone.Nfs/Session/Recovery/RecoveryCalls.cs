using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Requests of the session's thread, one at a time, each awaited, while the session is not open for callers. Only for that thread.
/// </summary>
internal sealed class RecoveryCalls(
    SessionContext context, ConnectionSet connections, PathJudge paths, ControlCalls control, CallQueue queue)
{
    private static readonly TimeSpan _delayPause = TimeSpan.FromMilliseconds(500);

    private NfsConnection? _leader;
    private IRpcChannel? _leaderChannel;

    /// <summary>The connection that carries requests outside of the session.</summary>
    public NfsConnection Leader => _leader!;

    /// <summary>Chooses the connection that the session is made on; false when there is none. The session's gate is held.</summary>
    public bool FindLeader()
    {
        _leader = connections.Find(connection => connection.IsUnbound && paths.MayLead(connection));
        _leaderChannel = _leader?.Channel;
        return _leader is not null;
    }

    /// <summary>
    /// Ends the leading connection, because its server's answer can't be used. Only the channel that gave the answer is ended; a newer
    /// channel of the same connection stays.
    /// </summary>
    public void EndLeader() => _leaderChannel?.Shutdown();

    /// <summary>All connections but the leading one have failed. The session's gate is held.</summary>
    public bool HaveOthersFailed() => connections.AreAll(connection => connection == _leader || connection.HasFailed);

    /// <summary>Sends a request until the server's answer is not NFS4ERR_DELAY.</summary>
    /// <param name="make">Encodes the request anew for every try.</param>
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
    /// Sends a call and waits for the answer. A call within the session survives the end of its connection. A call outside of the session
    /// goes over the leading connection and fails when that connection ends.
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
                // The server answered before the call was sent completely, and then the connection ended. No thread is left that would
                // complete the call.
                if (call.IsReplied && !call.IsPutOff && call.Route is not { IsDown: false } && !answer.IsCompleted)
                    throw new IOException("the connection ended inside a request");
            }
        }
        return answer.GetAwaiter().GetResult();
    }

    /// <summary>Ends the connection, because the server takes longer than allowed. Another connection may do better.</summary>
    private void Interrupt(CompoundCall call)
    {
        ICallRoute? route;
        lock (context.Gate)
            route = call.Route;
        route?.Shutdown();
    }
}
