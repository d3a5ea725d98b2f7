using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Slots;

/// <summary>
/// Calls within the session. Each call waits for a slot, holds the slot until the answer, and goes over a connection. When a connection
/// ends, its unanswered calls are sent again over another connection with the same slot, sequence ID and bytes. So the server executes each
/// call once, in whatever order the copies arrive.
/// </summary>
/// <remarks>
/// Invariant: a call keeps slot, sequence ID and bytes until the call is answered or the session is gone; no slot holds two calls. When the
/// session is replaced, all calls that were under way or waiting complete with BADSESSION after the recovery. Their callers encode them
/// anew.
/// </remarks>
internal sealed partial class CallQueue(
    SessionContext context, ClientIdentity identity, ConnectionSet connections, ConnectionMonitor monitor, CallMaker calls)
{
    private readonly SlotTable _slots = new();
    private readonly Queue<CompoundCall> _waiting = new();

    /// <summary>Calls that waited when their file was fenced. The next thread that leaves the gate completes them.</summary>
    private readonly Queue<CompoundCall> _fenced = new();

    /// <summary>Calls that were under way or waiting when the session was given up. They complete when the recovery is done.</summary>
    private readonly List<CompoundCall> _lost = [];

    /// <summary>Number of the session's slots.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>Number of calls in a slot. The session's gate is held.</summary>
    public int InFlight => _slots.InFlight;

    /// <summary>Sends the call in a slot, or keeps the call until a slot is free and the session is up. Never waits.</summary>
    public void Submit(CompoundCall call)
    {
        RpcSender? sender = null;
        NfsStatus? refused = null;
        lock (context.Gate)
        {
            SessionState state = context.State;
            if (!state.IsClosed)
            {
                // The caller encodes the call anew, and learns of the fence when it does.
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
    /// Sends a call of the recovery ahead of the waiting calls. Without a connection the call waits in its slot for the next one.
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

    /// <summary>
    /// Sends waiting calls while there are free slots. Several slots may become free at once when the server raises its target.
    /// </summary>
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

    /// <summary>Sends the calls that lost their connection, or whose pause is over, if a connection is bound.</summary>
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

    /// <summary>The call in the slot; null when the slot is free. The session's gate is held.</summary>
    public CompoundCall? InSlot(int slot) => _slots[slot];

    /// <summary>Frees the slot of an answered call, follows the server's target, and sends the next call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="connection">The connection that the answer came from.</param>
    /// <param name="executed">The server has taken the sequence ID.</param>
    /// <param name="said">The result of SEQUENCE, when SEQUENCE succeeded.</param>
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
            // The next call is sent before the waiter wakes, so that the server has work in the meantime. A failure may fence a file, so
            // the waiter of a failed call wakes first.
            if (call.Status == NfsStatus.Ok)
                next = TakeWaiting(out sender);
            context.Statistics.CountOperation(_slots.InFlight);
        }
        context.Statistics.Record(call.Operation, call.BoundAt, call.DataBytes, call.Status != NfsStatus.Ok, connection.Statistics);
        if (next is not null)
            sender!.Send(next);
    }

    /// <summary>
    /// Takes all calls off a connection that has ended. The calls wait in their slots for another connection. The session's gate is held.
    /// </summary>
    public void Withdraw(NfsConnection connection)
    {
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (_slots[slot] is { } call && call.Route == connection)
                call.Route = null;
        }
    }

    /// <summary>Starts a new session with all slots free. The session's gate is held.</summary>
    public void Reset(int slots) => _slots.Reset(Math.Min(slots, context.Options.MaxSlots), context.Options.MaxSlots);

    /// <summary>
    /// Collects the calls of a lost session, whose slots are gone with it. Their callers start them anew when the recovery is done.
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

    /// <summary>
    /// Takes the calls that can't be sent as they are encoded, because session or state were replaced. The session's gate is held.
    /// </summary>
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

    /// <summary>The queue's numbers, for a person who debugs a hanging client. The gate is held.</summary>
    public override string ToString() => $"in flight {_slots.InFlight}, waiting {_waiting.Count}, lost {_lost.Count}";

    /// <summary>
    /// Puts the call into a slot and on a connection. Null when there is no free slot or no connection. The gate is held.
    /// </summary>
    private RpcSender? TryBind(CompoundCall call) =>
        connections.Pick() is { } connection && TryTakeSlot(call, call.IsRenewal) ? Assign(call, connection) : null;

    /// <summary>Puts the call into a slot and fills in the fields that depend on the slot. The gate is held.</summary>
    private bool TryTakeSlot(CompoundCall call, bool urgent)
    {
        if (!_slots.TryTake(call, urgent, out int slot, out uint sequenceId))
            return false;
        call.Bind(calls.NextXid(slot), identity.Session, sequenceId, (uint)slot, _slots.HighestInUse);
        call.BoundAt = context.Time.GetTimestamp();
        context.Statistics.SetInFlight(_slots.InFlight);
        return true;
    }

    /// <summary>Assigns the call to the connection. The gate is held.</summary>
    private RpcSender Assign(CompoundCall call, NfsConnection connection)
    {
        if (!call.IsRenewal)
            monitor.Start();
        return connection.Add(call);
    }

    /// <summary>
    /// Puts the next waiting call that still has a waiter into a slot. Calls of fenced files go to <see cref="_fenced"/> instead. The gate
    /// is held.
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
