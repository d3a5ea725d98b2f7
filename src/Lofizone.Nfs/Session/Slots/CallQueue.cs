using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Slots;

/// <summary>
/// Calls within the session: each waits for a slot, has one until it is answered, and goes over a connection. What was under way on a
/// connection that ends is sent again over another with the same slot, sequence ID and bytes, so that the server executes it once,
/// whichever copy arrives when.
/// </summary>
/// <remarks>
/// Invariant: a call keeps slot, sequence ID and bytes until it is answered or the session is gone; no slot holds two calls.
/// When the session is replaced, all calls that were under way or waiting complete with BADSESSION after the recovery, and are encoded
/// anew.
/// </remarks>
internal sealed partial class CallQueue(
    SessionContext context, ClientIdentity identity, ConnectionSet connections, ConnectionMonitor monitor, CallMaker calls)
{
    private readonly SlotTable _slots = new();
    private readonly Queue<CompoundCall> _waiting = new();

    /// <summary>Were waiting when their file was fenced, and are completed by whoever leaves the gate next.</summary>
    private readonly Queue<CompoundCall> _fenced = new();

    /// <summary>Were under way or waiting when the session was given up; completed once the recovery is through.</summary>
    private readonly List<CompoundCall> _lost = [];

    /// <summary>Slots of the session.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>Calls in a slot. The session's gate is held.</summary>
    public int InFlight => _slots.InFlight;

    /// <summary>Sends the call in a slot, or keeps it until one is free and the session is up. Never waits.</summary>
    public void Submit(CompoundCall call)
    {
        RpcSender? sender = null;
        NfsStatus? refused = null;
        lock (context.Gate)
        {
            SessionState state = context.State;
            if (!state.IsClosed)
            {
                // To be encoded anew, which finds out about the fence.
                if (call.Epoch != state.Epoch || call.Owner is { IsFenced: true })
                    refused = NfsStatus.BadSession;
                else if (!state.IsOpen || (_waiting.Count > 0 && !call.IsRenewal) || (sender = TryBind(call)) is null)
                    _waiting.Enqueue(call);
                if (sender is null && refused is null)
                    return;
            }
        }
        if (sender is not null)
            sender.Send(call);
        else if (refused is { } status)
            call.Complete(status);
        else
            call.Fail(context.Closed());
    }

    /// <summary>
    /// Sends a call of the recovery, past those that wait; without a connection the call waits in its slot for the next one.
    /// </summary>
    /// <exception cref="SessionLostException">The session is gone, or has no slot left.</exception>
    /// <exception cref="IOException">The client is closed.</exception>
    public ValueTask<NfsStatus> SubmitInternal(CompoundCall call)
    {
        RpcSender? sender;
        ValueTask<NfsStatus> completion = call.Completion;
        lock (context.Gate)
        {
            context.State.RequireSession();
            if (!TryTakeSlot(call, urgent: true))
                throw new SessionLostException(NfsStatus.BadSlot);
            sender = connections.Pick() is { } connection ? Assign(call, connection) : null;
        }
        sender?.Send(call);
        return completion;
    }

    /// <summary>Sends waiting calls while there are slots; more than one may have become free when the server raised its target.</summary>
    public void Pump()
    {
        while (true)
        {
            CompoundCall? next;
            CompoundCall? fenced;
            RpcSender? sender;
            lock (context.Gate)
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

    /// <summary>Sends what lost its connection, or was put off long enough, over one that is bound, if there is one.</summary>
    public void SendUnansweredAgain()
    {
        long now = context.Time.GetTimestamp();
        while (true)
        {
            RpcSender? sender = null;
            CompoundCall? call = null;
            lock (context.Gate)
            {
                if (!context.State.HasSession || connections.Pick() is not { } connection)
                    return;
                for (int slot = 0; slot < _slots.Count && call is null; slot++)
                    call = _slots[slot] is { } waiting && IsToBeSent(waiting, now) ? waiting : null;
                if (call is null)
                    return;
                call.PrepareSend();
                sender = Assign(call, connection);
                context.Statistics.CountRetransmit();
                connection.Statistics.CountRetransmit();
            }
            sender.Send(call);
        }
    }

    /// <summary>The call that has the slot, or null. The session's gate is held.</summary>
    public CompoundCall? InSlot(int slot) => _slots[slot];

    /// <summary>The call is answered: frees its slot, follows the server's target, and lets the next call go.</summary>
    /// <param name="call">The call.</param>
    /// <param name="connection">Where the answer came.</param>
    /// <param name="executed">The server has taken the sequence ID.</param>
    /// <param name="said">The result of SEQUENCE, when that went well.</param>
    public void Release(CompoundCall call, NfsConnection connection, bool executed, Sequence.Result? said)
    {
        CompoundCall? next = null;
        RpcSender? sender = null;
        lock (context.Gate)
        {
            connection.Remove(call);
            _slots.Release(CallMaker.SlotOf(call.Xid), executed);
            if (executed && said is { } result)
                _slots.SetTarget(result.TargetHighestSlot, result.HighestSlot);
            // Before the waiter wakes, so that the server has work while we have; a failure may fence a file, so its waiter comes first.
            if (call.Status == NfsStatus.Ok)
                next = TakeWaiting(out sender);
            context.Statistics.CountOperation(_slots.InFlight);
        }
        context.Statistics.Record(call.Operation, call.BoundAt, call.DataBytes, call.Status != NfsStatus.Ok, connection.Statistics);
        if (next is not null)
            sender!.Send(next);
    }

    /// <summary>The connection has ended: its calls wait in their slots for another one. The session's gate is held.</summary>
    public void Withdraw(NfsConnection connection)
    {
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (_slots[slot] is { } call && call.Route == connection)
                call.Route = null;
        }
    }

    /// <summary>A new session: all slots free. The session's gate is held.</summary>
    public void Reset(int slots) => _slots.Reset(Math.Min(slots, context.Options.MaxSlots), context.Options.MaxSlots);

    /// <summary>
    /// With the session its slots are gone: what was under way is started anew by its caller, once the recovery is through.
    /// </summary>
    public void CollectLost()
    {
        lock (context.Gate)
        {
            for (int slot = 0; slot < _slots.Count; slot++)
            {
                if (_slots[slot] is not { } call)
                    continue;
                _slots.Release(slot, executed: false);
                if (!call.IsInternal)
                    _lost.Add(call);
            }
            _lost.AddRange(_waiting);
            _lost.AddRange(_fenced);
            _waiting.Clear();
            _fenced.Clear();
            context.State.Advance();
        }
    }

    /// <summary>What can't be sent as it is encoded, because session or state were replaced. The session's gate is held.</summary>
    public CompoundCall[] TakeLost()
    {
        for (int waiting = _waiting.Count; waiting > 0; waiting--)
        {
            CompoundCall call = _waiting.Dequeue();
            if (call.Epoch == context.State.Epoch)
                _waiting.Enqueue(call);
            else
                _lost.Add(call);
        }
        CompoundCall[] lost = [.. _lost];
        _lost.Clear();
        return lost;
    }

    /// <summary>For whoever debugs a client that hangs. The gate is held.</summary>
    public override string ToString() => $"in flight {_slots.InFlight}, waiting {_waiting.Count}, lost {_lost.Count}";

    /// <summary>
    /// Puts the call into a slot and on a connection; null when there is no free slot or no connection. The gate is held.
    /// </summary>
    private RpcSender? TryBind(CompoundCall call) =>
        connections.Pick() is { } connection && TryTakeSlot(call, call.IsRenewal) ? Assign(call, connection) : null;

    /// <summary>Puts the call into a slot and fills in what depends on it. The gate is held.</summary>
    private bool TryTakeSlot(CompoundCall call, bool urgent)
    {
        if (!_slots.TryTake(call, urgent, out int slot, out uint sequenceId))
            return false;
        call.Bind(calls.NextXid(slot), identity.Session, sequenceId, (uint)slot, _slots.HighestInUse);
        call.BoundAt = context.Time.GetTimestamp();
        context.Statistics.SetInFlight(_slots.InFlight);
        return true;
    }

    /// <summary>The gate is held.</summary>
    private RpcSender Assign(CompoundCall call, NfsConnection connection)
    {
        if (!call.IsRenewal)
            monitor.Start();
        return connection.Add(call);
    }

    /// <summary>
    /// The next waiting call that somebody still waits for, in a slot; those of fenced files go to <see cref="_fenced"/> instead. The
    /// gate is held.
    /// </summary>
    private CompoundCall? TakeWaiting(out RpcSender? sender)
    {
        sender = null;
        while (context.State.IsOpen && _waiting.TryPeek(out CompoundCall? next))
        {
            if (next.IsAbandoned)
            {
                _waiting.Dequeue();
                continue;
            }
            if (next.Owner is { IsFenced: true })
            {
                _fenced.Enqueue(_waiting.Dequeue());
                continue;
            }
            sender = TryBind(next);
            if (sender is null)
                return null;
            return _waiting.Dequeue();
        }
        return null;
    }
}
