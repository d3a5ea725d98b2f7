using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>Receiving: a reply finds its call by the slot in its transaction ID, frees the slot, lets the next call go and wakes the waiter.</summary>
internal sealed partial class NfsSession
{
    private long _lastActivity;

    /// <summary>Waits for one reply on the connection and handles it; only for the connection's thread.</summary>
    public void ReceiveOne(NfsConnection connection)
    {
        RecordReceiver record = connection.Receiver!;
        record.Begin();
        XdrReader head = new(record.Head);
        uint xid = head.ReadUInt32();
        CompoundCall? call = FindCall(connection, xid);
        connection.OnReceived(_time.GetTimestamp());
        if (call == connection.Ping)
        {
            call.TakeNullReply(record);
            call.OnReplied();
            lock (_gate)
                connection.PingSentAt = null;
            return;
        }
        if (call is null)
        {
            record.End();
            return;
        }
        (NfsStatus Status, Sequence.Result Result)? sequence = call.TakeReply(record, ref head);
        Statistics.CountReply();
        if (!call.HasSequence)
        {
            Statistics.Record(call.Operation, call.BoundAt, 0, call.Status != NfsStatus.Ok, connection.Statistics);
            lock (_gate)
                connection.Control = null;
            if (call.Refusal is { } why)
                call.SetFailure(new NfsRefusedException(Server, why));
            call.OnReplied();
            return;
        }
        OnSlotReply(connection, call, sequence);
    }

    private CompoundCall? FindCall(NfsConnection connection, uint xid)
    {
        int slot = (int)(xid & 0xFF);
        lock (_gate)
        {
            CompoundCall? call = slot switch
            {
                ControlSlot => connection.Control,
                PingSlot => connection.Ping,
                _ => _slots[slot],
            };
            // An answer on another connection than the request was sent over is none: that connection's sender may still hold the bytes.
            return call is not null && call.Connection == connection && call.Xid == xid && !call.IsReplied ? call : null;
        }
    }

    private void OnSlotReply(NfsConnection connection, CompoundCall call, (NfsStatus Status, Sequence.Result Result)? sequence)
    {
        int slot = (int)(call.Xid & 0xFF);
        NfsStatus status = sequence?.Status ?? call.Status;
        bool executed = false;
        if (call.Refusal is { } why)
        {
            call.SetFailure(new NfsException(null, "RPC", null, $"NFS server {Server}: {why}"));
        }
        else if (sequence is null && status == NfsStatus.Ok)
        {
            throw new XdrException("a COMPOUND that went well has no results");
        }
        else
        {
            switch (status)
            {
                case NfsStatus.Ok:
                    Verify(slot, sequence!.Value.Result);
                    executed = true;
                    break;
                case NfsStatus.RetryUncachedRep:
                    // Executed when it came the first time; the reply was not kept (section 2.10.6.1.3).
                    executed = true;
                    break;
                case NfsStatus.Delay when sequence is not null:
                    PutOff(call);
                    return;
                case NfsStatus.ConnNotBoundToSession when !call.IsInternal:
                    throw NotBound();
                case NfsStatus.BadSession or NfsStatus.DeadSession or NfsStatus.ConnNotBoundToSession
                    or NfsStatus.SeqMisordered or NfsStatus.SeqFalseRetry or NfsStatus.BadSlot or NfsStatus.BadHighSlot:
                    // The session is gone, or its slots and ours disagree: only a new one makes them agree. The call stays in its slot for the recovery.
                    throw new SessionLostException(status);
            }
        }

        if (executed)
            NoteRenewal(call);
        if (!call.IsInternal && sequence is { Status: NfsStatus.Ok } said)
            OnStatusFlags(said.Result.Flags);

        // The flag stays up until RECLAIM_COMPLETE, so a recovery that reclaims sees it in its own requests, too (what it sends again for a file
        // comes after that); in any other request of a recovery it is news.
        bool reclaim = executed && !(_reclaimNeeded && call.IsInternal && call.Owner is null) && sequence is { Result.Flags: var flags } && (flags & Sequence.RestartReclaimNeeded) != 0;
        if (reclaim)
        {
            lock (_gate)
            {
                _reclaimNeeded = true;
                _stateReclaimed = false;
            }
            Keep();
            // It failed because its state is not reclaimed yet, or it is a COMMIT that would confirm holes (which carry no verifier) the
            // server has lost: it stays in its slot for the recovery, which has it made anew.
            if (call.Status != NfsStatus.Ok || call.Owner is not null)
                throw new SessionLostException(NfsStatus.StaleStateId);
        }

        CompoundCall? next = null;
        RpcSender? sender = null;
        lock (_gate)
        {
            connection.OutstandingBytes -= call.WeightBytes;
            connection.Statistics.SetInFlight(connection.Statistics.InFlight - 1);
            _slots.Release(slot, executed);
            if (executed && sequence is { Status: NfsStatus.Ok } ok)
                _slots.SetTarget(ok.Result.TargetHighestSlot, ok.Result.HighestSlot);
            // Before the waiter wakes, so that the server has work while we have; a failure may fence a file, so its waiter comes first.
            if (call.Status == NfsStatus.Ok)
                next = TakeWaiting(out sender);
            Statistics.CountOperation(_slots.InFlight);
        }
        Statistics.Record(call.Operation, call.BoundAt, call.DataBytes, call.Status != NfsStatus.Ok, connection.Statistics);
        if (executed)
            Statistics.CountRenewal(call.BoundAt);
        if (next is not null)
            sender!.Send(next);
        // The recovery's requests may go well and the next one lose the session again: that is no success to start the back-off anew.
        if (executed && !call.IsInternal && !reclaim)
        {
            connection.OnSuccess();
            _failures = 0;
            _unboundReplies = 0;
        }
        call.OnReplied();
        if (_drains)
            _wake.Set();
        if (reclaim)
            throw new SessionLostException(NfsStatus.StaleStateId);
        PumpWaiting();
    }

    private void Verify(int slot, Sequence.Result result)
    {
        if (result.Session != _sessionId || result.Slot != (uint)slot)
            throw new XdrException("SEQUENCE of another session or slot");
    }

    /// <summary>Sends waiting calls while there are slots; more than one may have become free when the server raised its target.</summary>
    private void PumpWaiting()
    {
        while (true)
        {
            CompoundCall? next;
            CompoundCall? fenced;
            RpcSender? sender;
            lock (_gate)
            {
                next = TakeWaiting(out sender);
                _fenced.TryDequeue(out fenced);
            }
            if (next is null && fenced is null)
                return;
            if (next is not null)
                sender!.Send(next);
            fenced?.Complete(NfsStatus.BadSession);
        }
    }
}
