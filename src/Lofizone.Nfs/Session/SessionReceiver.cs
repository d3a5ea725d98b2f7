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
/// What the connections' threads do in the session: a reply finds its call by the slot in its transaction ID, frees the slot, lets the next
/// call go and wakes the waiter.
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
    /// <summary>Replies in a row that say that their connection is not bound: from the next one on the session is given up.</summary>
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
            // They go over another connection, or wait for one.
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

    public void ReceiveOne(NfsConnection connection)
    {
        RecordReceiver record = connection.Receiver!;
        record.Begin();
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
            // An answer on another connection than the request was sent over is none: that connection's sender may still hold the bytes.
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
            // It failed because its state is not reclaimed yet, or it is a COMMIT that would confirm holes (which carry no verifier) the
            // server has lost: it stays in its slot for the recovery, which has it made anew.
            if (call.Status != NfsStatus.Ok || call.Owner is not null)
                throw new SessionLostException(NfsStatus.StaleStateId);
        }
        queue.Release(call, connection, executed, said);
        if (executed)
            context.Statistics.CountRenewal(call.BoundAt);
        // The recovery's requests may go well and the next one lose the session again: that is no success to start the back-off anew.
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

    /// <summary>Whether the server has executed the request's SEQUENCE; null when the request is put off, and no answer counts.</summary>
    /// <exception cref="SessionLostException">The session is gone, or its slots and ours disagree: only a new one makes them agree. The
    /// call stays in its slot for the recovery.</exception>
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
                // Executed when it came the first time; the reply was not kept (section 2.10.6.1.3).
                return true;
            case NfsStatus.Delay when sequence is not null:
                queue.PutOff(call);
                return null;
            case NfsStatus.ConnNotBoundToSession when !call.IsInternal && ++_unboundReplies <= UnboundLimit:
                // A new connection is made and bound, and the request goes out again in its slot.
                throw new IOException("the connection is not bound to the session");
            case NfsStatus.BadSession or NfsStatus.DeadSession or NfsStatus.ConnNotBoundToSession
                or NfsStatus.SeqMisordered or NfsStatus.SeqFalseRetry or NfsStatus.BadSlot or NfsStatus.BadHighSlot:
                throw new SessionLostException(status);
            default:
                return false;
        }
    }

    /// <summary>
    /// The server has restarted. Its flag stays up until RECLAIM_COMPLETE, so a recovery that reclaims sees it in its own requests, too;
    /// what
    /// the recovery sends again for a file comes after RECLAIM_COMPLETE. In any other request of a recovery the flag is news.
    /// </summary>
    private bool TellsOfRestart(CompoundCall call, uint flagsSaid) =>
        (flagsSaid & Sequence.RestartReclaimNeeded) != 0
        && !(call.IsInternal && call.Owner is null && context.State.Has(RecoveryWork.Reclaim | RecoveryWork.CompleteReclaim));
}
