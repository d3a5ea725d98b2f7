using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Files;

/// <summary>Requests on one open file, and the consequences of their failures for the file.</summary>
internal sealed class FileRequests(NfsSession session, FileState state, RoomWait room)
{
    /// <summary>Sends one request. The caller judges its status.</summary>
    public Task<CompoundCall> RunAsync(
        OperationCode operation, CompoundEncoder encode, CancellationToken cancellation,
        bool hard = false, NfsStatus answer = NfsStatus.Ok) =>
        HandleRequest.RunAsync(session, state.Handle, operation, encode, cancellation, hard, answer);

    /// <summary>
    /// Repeats a request until the server executes it. The request waits while the server says "later", has lost the state, or has no room.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="encode">Encodes the operations behind PUTFH.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="hard">Wait for the server without limit.</param>
    /// <param name="answer">A failure that the caller handles.</param>
    /// <exception cref="NotSupportedException">
    /// The server does not support this operation of NFSv4.2. The server is asked only once.
    /// </exception>
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

    /// <summary>Returns when the request must be made again. Throws when its failure is final.</summary>
    /// <param name="status">The failure.</param>
    /// <param name="operation">The operation's name, for messages.</param>
    /// <param name="epoch">The session's epoch for which the request was encoded.</param>
    /// <param name="attempt">Number of failures before this one.</param>
    /// <param name="cancellation">Ends a pause.</param>
    public async ValueTask HandleAsync(NfsStatus status, string operation, long epoch, int attempt, CancellationToken cancellation)
    {
        bool isFrequent = attempt >= RepeatedRequest.RepeatsWithoutPause;
        if (RepeatedRequest.IsRepeat(status) && !isFrequent)
            return;
        if (FileState.IsStateLost(status))
        {
            if (isFrequent)
                await RepeatedRequest.PauseAsync(session.Options.TimeProvider, attempt, cancellation);
            await LoseAsync(status, operation, epoch);
            return;
        }
        // NFS4ERR_RESOURCE (the server lacks some resource) passes like NFS4ERR_DELAY. RFC 8881 does not have this status; RFC 7530 has.
        if (RepeatedRequest.IsRepeat(status) || RepeatedRequest.IsLater(status) || status == NfsStatus.Resource)
        {
            await RepeatedRequest.PauseAsync(session.Options.TimeProvider, attempt, cancellation);
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
    /// Handles the loss of the state that a request carried. Returns when the request may be made again with other state. Throws when the
    /// file is fenced.
    /// </summary>
    private async ValueTask LoseAsync(NfsStatus status, string operation, long epoch)
    {
        // Another request has found the loss earlier, and the state is replaced already.
        if (epoch != session.Epoch && !state.IsLost)
            return;
        state.LoseOrFence(status, Forgotten(operation));
        state.ThrowIfUnusable();
        await session.ResendUncommittedAsync();
        state.ThrowIfUnusable();
    }

    private static string Forgotten(string operation) => $"{operation}: the server does not know its open or lock any more";
}
