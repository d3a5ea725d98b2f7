using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>Calls from their submission to a slot and a connection.</summary>
public sealed class CallQueueTests
{
    [Fact]
    public void A_call_waits_until_the_session_is_open_and_has_a_connection_and_a_slot()
    {
        SessionParts parts = new();
        CompoundCall[] calls = [.. Enumerable.Range(0, 3).Select(_ => parts.Submit().Call)];
        parts.Create(slots: 2);
        parts.Queue.Pump();
        Assert.Empty(parts.Sent(0));
        parts.State.Enter(SessionPhase.Open);
        parts.Queue.Pump();
        Assert.Empty(parts.Sent(0));
        parts.Connection(0).State = ConnectionState.Bound;
        parts.Queue.Pump();
        Assert.Equal(2, parts.Sent(0).Count);
        Assert.Equal([calls[0], calls[1]], [parts.Queue.InSlot(0)!, parts.Queue.InSlot(1)!]);
        parts.Queue.Release(calls[0], parts.Connection(0), executed: true, said: null);
        Assert.Same(calls[2], parts.Queue.InSlot(0));
        Assert.Equal(3, parts.Sent(0).Count);
    }

    [Fact]
    public void A_call_whose_connection_ends_goes_out_over_another_with_the_same_bytes()
    {
        SessionParts parts = Open(paths: 2);
        CompoundCall call = parts.Submit().Call;
        int first = parts.Sent(0).Count == 1 ? 0 : 1;
        int second = 1 - first;
        parts.Connection(first).State = ConnectionState.Closing;
        parts.Queue.SendUnansweredAgain();
        // The thread of the connection may still hold the call.
        Assert.Empty(parts.Sent(second));
        parts.Connection(first).OnDown();
        parts.Queue.Withdraw(parts.Connection(first));
        parts.Queue.SendUnansweredAgain();
        Assert.Equal(parts.Sent(first), parts.Sent(second));
        Assert.Same(parts.Connection(second), call.Route);
        Assert.Equal(1, parts.Context.Statistics.Retransmits);
        parts.Queue.SendUnansweredAgain();
        Assert.Single(parts.Sent(second));
    }

    [Fact]
    public void What_was_encoded_before_state_was_replaced_is_never_sent()
    {
        SessionParts parts = Open();
        CompoundCall old = parts.Calls.Within(static (ref _) => { });
        Task<NfsStatus> answer = old.Completion.AsTask();
        parts.State.Advance();
        parts.Queue.Submit(old);
        Assert.Equal(NfsStatus.BadSession, Answered(answer));
        Assert.Empty(parts.Sent(0));
    }

    [Fact]
    public void With_the_session_all_calls_of_callers_are_lost_in_their_order_and_those_of_the_recovery_are_given_up()
    {
        SessionParts parts = Open(slots: 2);
        CompoundCall sent = parts.Submit().Call;
        CompoundCall internalCall = parts.Calls.Within(static (ref _) => { });
        internalCall.IsInternal = true;
        _ = parts.Queue.SubmitInternal(internalCall).AsTask();
        CompoundCall waiting = parts.Submit().Call;
        long epoch = parts.State.Epoch;
        parts.Connections.LoseSession(new SessionLostException(NfsStatus.BadSession));
        parts.Queue.CollectLost();
        Assert.Equal(0, parts.Queue.InFlight);
        Assert.True(parts.State.Epoch > epoch);
        CompoundCall fresh = parts.Submit().Call;
        Assert.Equal([sent, waiting], parts.Queue.TakeLost());
        Assert.Empty(parts.Queue.TakeLost());
        parts.Create(slots: 2);
        parts.Connection(0).State = ConnectionState.Bound;
        parts.State.Enter(SessionPhase.Open);
        parts.Queue.Pump();
        Assert.Same(fresh, parts.Queue.InSlot(0));
    }

    [Fact]
    public void The_recovery_sends_past_waiting_calls_and_only_within_a_session()
    {
        SessionParts parts = new();
        CompoundCall first = parts.Calls.Within(static (ref _) => { });
        Assert.Throws<SessionLostException>(() => { _ = parts.Queue.SubmitInternal(first).AsTask(); });
        parts.Submit();
        parts.Create(slots: 1);
        parts.Connection(0).State = ConnectionState.Bound;
        _ = parts.Queue.SubmitInternal(first).AsTask();
        Assert.Same(first, parts.Queue.InSlot(0));
        Assert.Single(parts.Sent(0));
        // Without a free slot the recovery can't go on in this session.
        CompoundCall second = parts.Calls.Within(static (ref _) => { });
        Assert.Throws<SessionLostException>(() => { _ = parts.Queue.SubmitInternal(second).AsTask(); });
    }

    [Fact]
    public void A_waiting_call_of_a_file_that_was_fenced_meanwhile_completes_and_holds_no_other_up()
    {
        SessionParts parts = new();
        Owner owner = new();
        (_, Task<NfsStatus> fenced) = parts.Submit(owner);
        CompoundCall other = parts.Submit().Call;
        owner.IsFenced = true;
        parts.Create(slots: 1);
        parts.Connection(0).State = ConnectionState.Bound;
        parts.State.Enter(SessionPhase.Open);
        parts.Queue.Pump();
        Assert.Equal(NfsStatus.BadSession, Answered(fenced));
        Assert.Same(other, parts.Queue.InSlot(0));
    }

    [Fact]
    public async Task A_closed_session_takes_no_call()
    {
        SessionParts parts = Open();
        parts.State.Close();
        await Assert.ThrowsAsync<NfsUnreachableException>(() => parts.Submit().Answer);
        Assert.Empty(parts.Sent(0));
    }

    /// <summary>The status of a completed call. No other thread exists that could complete a call later.</summary>
    private static NfsStatus? Answered(Task<NfsStatus> call) => call.IsCompletedSuccessfully ? call.Result : null;

    private static SessionParts Open(int paths = 1, int slots = 4)
    {
        SessionParts parts = new(paths);
        parts.Create(slots);
        foreach (NfsConnection connection in parts.Connections.All)
            connection.State = ConnectionState.Bound;
        parts.State.Enter(SessionPhase.Open);
        return parts;
    }

    private sealed class Owner : ICallOwner
    {
        public bool IsFenced { get; set; }
    }
}
