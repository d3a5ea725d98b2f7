using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Files;

/// <summary>Requests on one open file, and what a failure of them means for the file.</summary>
internal sealed class FileRequests(NfsSession session, FileState state, RoomWait room)
{
    /// <summary>One request; its status is the caller's to judge.</summary>
    public Task<CompoundCall> RunAsync(
        OperationCode operation, CompoundEncoder encode, CancellationToken cancellation,
        bool hard = false, NfsStatus answer = NfsStatus.Ok) =>
        HandleRequest.RunAsync(session, state.Handle, operation, encode, cancellation, hard, answer);

    /// <summary>
    /// A request that is made again until the server executes it: it waits while the server says "later", has lost the state, or has no
    /// room.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="encode">Encodes what follows PUTFH.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="hard">Wait for the server without limit.</param>
    /// <param name="answer">A failure that the caller looks at.</param>
    /// <exception cref="NotSupportedException">The server lacks this operation of NFSv4.2. It is asked once, and not again.</exception>
    public async Task<CompoundCall> RunUntilDoneAsync(
        OperationCode operation, CompoundEncoder encode, CancellationToken cancellation, bool hard = false, NfsStatus answer = NfsStatus.Ok)
    {
        bool isOptional = operation >= OperationCode.Allocate;
        if (isOptional)
            session.RequireSupport(operation, state.Path);
        using RoomWait.Turn turn = new(room);
        for (int attempt = 0; ; attempt++)
        {
            state.ThrowIfUnusable();
            CompoundCall call = await RunAsync(operation, encode, cancellation, hard);
            if (call.Status == NfsStatus.Ok || call.Status == answer)
                return call;
            if (isOptional && NfsSession.IsUnsupported(call.Status))
            {
                session.NoteUnsupported(operation);
                session.RequireSupport(operation, state.Path);
            }
            if (room.Holds(call.Status))
                await turn.PauseAsync(call.Status, cancellation);
            else
                await HandleAsync(call.Status, NfsNames.Operation((int)operation), call.Epoch, attempt, cancellation);
        }
    }

    /// <summary>Returns when the request is to be made again; throws when its failure is final.</summary>
    /// <param name="status">The failure.</param>
    /// <param name="operation">Name for messages.</param>
    /// <param name="epoch">The session's epoch for which the request was encoded.</param>
    /// <param name="attempt">How often it failed before.</param>
    /// <param name="cancellation">Ends a pause.</param>
    public async ValueTask HandleAsync(NfsStatus status, string operation, long epoch, int attempt, CancellationToken cancellation)
    {
        bool isFrequent = attempt >= Requests.RepeatsWithoutPause;
        if (Requests.IsRepeat(status) && !isFrequent)
            return;
        if (FileState.IsStateLost(status))
        {
            if (isFrequent)
                await Requests.PauseAsync(session.Options.TimeProvider, attempt, cancellation);
            await LoseAsync(status, operation, epoch);
            return;
        }
        // RESOURCE (the server is short of something; RFC 8881 has no such status) passes like DELAY.
        if (Requests.IsRepeat(status) || Requests.IsLater(status) || status == NfsStatus.Resource)
        {
            await Requests.PauseAsync(session.Options.TimeProvider, attempt, cancellation);
            return;
        }
        ThrowIfFailed(status, operation);
    }

    public void ThrowIfFailed(NfsStatus status, string operation)
    {
        if (status == NfsStatus.Ok)
            return;
        if (FileState.IsStateLost(status))
        {
            state.FenceFor(status, Forgotten(operation));
            state.ThrowIfUnusable();
        }
        throw NfsException.For(status, operation, state.Path);
    }

    /// <summary>
    /// The state that a request carried is gone. Returns when the request may be made again with other state; throws when the file is
    /// fenced.
    /// </summary>
    private async ValueTask LoseAsync(NfsStatus status, string operation, long epoch)
    {
        // Another request has found out before, and the state is replaced already.
        if (epoch != session.Epoch && !state.IsLost)
            return;
        state.LoseOrFence(status, Forgotten(operation));
        state.ThrowIfUnusable();
        await session.ResendUncommittedAsync();
        state.ThrowIfUnusable();
    }

    private static string Forgotten(string operation) => $"{operation}: the server does not know its open or lock any more";
}
