using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>The exclusive lock on the whole file, and the open, as the user takes them and gives them up.</summary>
internal sealed class FileLock(NfsSession session, FileState state, FileRequests requests)
{
    /// <summary>Takes the lock without waiting for another holder.</summary>
    /// <exception cref="NfsLockedException">Another client holds a lock.</exception>
    public async Task TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            state.ThrowIfUnusable();
            CompoundCall call = await requests.RunAsync(
                OperationCode.Lock,
                (ref XdrWriter writer) => Locking.Encode(ref writer, state.Now.Open, session.ClientId, state.Owner, reclaim: false),
                cancellation);
            if (call.Status == NfsStatus.Denied)
                throw new NfsLockedException(state.Path, call.HolderOf(OperationCode.Lock));
            requests.ThrowIfFailed(call.Status, "LOCK");
            if (!state.Grant(state.Now.Open, DecodeState(call)))
                continue;
            // The recovery has not reclaimed state that was granted before it.
            if (call.Epoch == session.Epoch)
                return;
            state.Grant(state.Now.Open, null);
        }
    }

    /// <summary>Gives the lock up. All written data must be committed.</summary>
    public async Task GiveUpAsync(CancellationToken cancellation)
    {
        while (true)
        {
            state.ThrowIfUnusable();
            StateId? sent = state.Now.Lock;
            if (sent is null)
                return;
            CompoundCall call = await requests.RunAsync(
                OperationCode.LockU,
                (ref XdrWriter writer) =>
                {
                    sent = state.StateId;
                    Locking.EncodeUnlock(ref writer, sent.Value);
                },
                cancellation,
                answer: NfsStatus.OldStateId);
            if (call.Status == NfsStatus.OldStateId)
            {
                // Either a recovery has taken the lock again, or LOCKU was executed and its answer was lost. The executed LOCKU has
                // advanced the state ID (RFC 8881 section 18.12.3).
                if (sent != state.Now.Lock)
                    continue;
            }
            else if (!FileState.IsStateLost(call.Status))
            {
                // A lock that the server has dropped counts as given up, too: all data is committed, and the server took every write under
                // the lock.
                requests.ThrowIfFailed(call.Status, "LOCKU");
            }
            state.Grant(state.Now.Open, null);
            return;
        }
    }

    /// <summary>Sends CLOSE for a file that the user has closed. A file that the server has forgotten counts as closed.</summary>
    public async Task CloseAsync(CancellationToken cancellation)
    {
        CompoundCall call = await requests.RunAsync(
            OperationCode.Close, (ref XdrWriter writer) => Close.Encode(ref writer, state.Now.Open), cancellation);
        if (call.Status != NfsStatus.Ok && !state.IsFenced && !FileState.IsStateLost(call.Status))
            throw NfsException.For(call.Status, "CLOSE", state.Path);
    }

    private static StateId DecodeState(CompoundCall call)
    {
        XdrReader reader = call.ResultOf(OperationCode.Lock);
        return StateId.Read(ref reader);
    }
}
