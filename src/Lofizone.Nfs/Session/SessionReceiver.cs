using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// The part of the session that runs on the connections' threads. A reply finds its call by the slot in the transaction ID. Then the slot
/// is freed, the next call is sent, and the waiter wakes.
/// </summary>
internal sealed class SessionReceiver(
    SessionContext context,
    ClientIdentity identity,
    ConnectionSet connections,
    PathJudge paths,
    CallQueue queue,
    Binder binder,
    Recoverer recoverer,
    LeaseRenewal lease,
    StatusFlags flags)
    : IConnectionUser
{
    /// <summary>Replies in a row that say that their connection is not bound. The next such reply ends the session.</summary>
    private const int UnboundLimit = 2;

    private volatile int _unboundReplies;

    public void OnConnected(NfsConnection connection) => binder.OnConnected(connection);

    public void OnSessionLost(SessionLostException loss) => connections.LoseSession(loss);

    public void OnClosed(NfsConnection connection)
    {
        CompoundCall? control;
        lock (context.Gate)
        {
            control = connection.OnDown();
            // The calls go over another connection, or wait for a connection.
            queue.Withdraw(connection);
            context.Statistics.SetConnected(connections.HasBound());
        }
        paths.SignalSettled();
        binder.RetryDoubtful();
        string why = connection.Failure?.Message ?? "the connection ended";
        control?.Fail(new NfsUnreachableException(connection.Connector.Server, "RPC", why, connection.Failure));
        queue.SendUnansweredAgain();
        context.Wake.Set();
    }

    public bool ReceiveOne(NfsConnection connection)
    {
        if (!connection.Receiver!.Begin())
            return false;
        Take(connection, connection.Receiver);
        return true;
    }

    private void Take(NfsConnection connection, RecordReceiver record)
    {
        XdrReader head = new(record.Head);
        CompoundCall? call = FindCall(connection, head.ReadUInt32());
        connection.OnReceived(context.Time.GetTimestamp());
        if (call is null)
        {
            record.End();
            return;
        }
        if (call == connection.Ping)
        {
            call.TakeNullReply(record);
            call.OnReplied();
            lock (context.Gate)
                connection.PingSentAt = null;
            return;
        }
        (NfsStatus Status, Sequence.Result Result)? sequence = call.TakeReply(record, ref head);
        context.Statistics.CountReply();
        if (call.HasSequence)
            TakeSlotReply(connection, call, sequence);
        else
            TakeControlReply(connection, call);
    }

    private CompoundCall? FindCall(NfsConnection connection, uint xid)
    {
        int slot = CallMaker.SlotOf(xid);
        lock (context.Gate)
        {
            CompoundCall? call = slot switch
            {
                CallMaker.ControlSlot => connection.Control,
                CallMaker.PingSlot => connection.Ping,
                _ => queue.InSlot(slot),
            };
            // An answer counts only on the connection that the request was last sent over: another connection's sender may still hold the
            // bytes.
            return call is not null && call.Route == connection && call.Xid == xid && !call.IsReplied ? call : null;
        }
    }

    private void TakeControlReply(NfsConnection connection, CompoundCall call)
    {
        context.Statistics.Record(call.Operation, call.BoundAt, 0, call.Status != NfsStatus.Ok, connection.Statistics);
        lock (context.Gate)
            connection.Control = null;
        if (call.Refusal is { } why)
            call.SetFailure(new NfsRefusedException(context.Server, why));
        call.OnReplied();
    }

    private void TakeSlotReply(NfsConnection connection, CompoundCall call, (NfsStatus Status, Sequence.Result Result)? sequence)
    {
        if (Judge(call, sequence) is not { } executed)
            return;
        Sequence.Result? said = sequence is { Status: NfsStatus.Ok, Result: var result } ? result : null;
        if (executed)
            lease.NoteRenewal(call);
        if (!call.IsInternal && said is { } heard)
            flags.Take(heard.Flags);
        bool restarted = executed && said is { } told && TellsOfRestart(call, told.Flags);
        if (restarted)
        {
            context.State.ReclaimAll();
            identity.Keep();
            // The call failed because its state is not reclaimed yet, or the call is a COMMIT that would confirm data which the server has
            // lost. (The reply to DEALLOCATE has no write verifier to tell by.) The call stays in its slot; the recovery has the call
            // encoded anew.
            if (call.Status != NfsStatus.Ok || call.Owner is not null)
                throw new SessionLostException(NfsStatus.StaleStateId);
        }
        queue.Release(call, connection, executed, said);
        if (executed)
            context.Statistics.CountRenewal(call.BoundAt);
        // The recovery's own requests may succeed while the next request loses the session again. Such a success does not reset the
        // back-off.
        if (executed && !call.IsInternal && !restarted)
        {
            connection.OnSuccess();
            recoverer.OnSuccess();
            _unboundReplies = 0;
        }
        call.OnReplied();
        if (context.State.Phase == SessionPhase.Draining)
            context.Wake.Set();
        if (restarted)
            throw new SessionLostException(NfsStatus.StaleStateId);
        queue.Pump();
    }

    /// <summary>
    /// Tells whether the server has executed the request's SEQUENCE. Null: the server puts the request off, and the answer does not count.
    /// </summary>
    /// <exception cref="SessionLostException">
    /// The session is gone, or the slots of server and client disagree, which only a new session mends. The call stays in its slot for the
    /// recovery.
    /// </exception>
    private bool? Judge(CompoundCall call, (NfsStatus Status, Sequence.Result Result)? sequence)
    {
        if (call.Refusal is { } why)
        {
            call.SetFailure(new NfsException(null, "RPC", null, $"NFS server {context.Server}: {why}"));
            return false;
        }
        NfsStatus status = sequence?.Status ?? call.Status;
        switch (status)
        {
            case NfsStatus.Ok:
                if (sequence is not { Result: var result })
                    throw new XdrException("a COMPOUND that went well has no results");
                if (result.Session != identity.Session || result.Slot != (uint)CallMaker.SlotOf(call.Xid))
                    throw new XdrException("SEQUENCE of another session or slot");
                return true;
            case NfsStatus.RetryUncachedRep:
                // The server executed the request when its first copy arrived, and did not keep the reply (RFC 8881 section 2.10.6.1.3).
                return true;
            case NfsStatus.Delay when sequence is not null:
                queue.PutOff(call);
                return null;
            case NfsStatus.ConnNotBoundToSession when !call.IsInternal && ++_unboundReplies <= UnboundLimit:
                // A new connection is made and bound, and the request is sent again in its slot.
                throw new IOException("the connection is not bound to the session");
            case NfsStatus.BadSession or NfsStatus.DeadSession or NfsStatus.ConnNotBoundToSession
                or NfsStatus.SeqMisordered or NfsStatus.SeqFalseRetry or NfsStatus.BadSlot or NfsStatus.BadHighSlot:
                throw new SessionLostException(status);
            default:
                return false;
        }
    }

    /// <summary>
    /// Tells whether the reply reports a restart of the server. The server's flag stays up until RECLAIM_COMPLETE. A recovery that reclaims
    /// therefore sees the flag in its own replies. A recovery writes data again only after RECLAIM_COMPLETE. The flag in any other reply to
    /// a recovery's request therefore reports another restart.
    /// </summary>
    private bool TellsOfRestart(CompoundCall call, uint flagsSaid) =>
        (flagsSaid & Sequence.RestartReclaimNeeded) != 0
        && !(call.IsInternal && call.Owner is null && context.State.Has(RecoveryWork.Reclaim | RecoveryWork.CompleteReclaim));
}
