using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>The set of connections, and the paths that lead to the session's server.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public void The_bound_connection_with_the_least_to_do_is_picked_and_equal_ones_in_turn()
    {
        SessionParts parts = new(paths: 3);
        Assert.Null(parts.Connections.Pick());
        Assert.False(parts.Connections.HasBound());
        parts.Connection(0).State = ConnectionState.Bound;
        parts.Connection(2).State = ConnectionState.Bound;
        Assert.True(parts.Connections.HasBound());
        NfsConnection?[] picked = [.. Enumerable.Range(0, 3).Select(_ => parts.Connections.Pick())];
        Assert.Equal([parts.Connection(2), parts.Connection(0), parts.Connection(2)], picked);
        CompoundCall call = parts.Calls.Within(static (ref _) => { });
        parts.Connection(0).Add(call);
        Assert.Equal([parts.Connection(2), parts.Connection(2)], Enumerable.Range(0, 2).Select(_ => parts.Connections.Pick()));
        parts.Connection(0).Remove(call);
        Assert.Same(parts.Connection(0), parts.Connections.Pick());
    }

    [Fact]
    public void A_session_is_lost_once_and_ends_all_connections_but_the_one_that_stays()
    {
        SessionParts parts = new(paths: 2);
        SessionLostException loss = new(NfsStatus.DeadSession);
        parts.Connections.LoseSession(loss);
        Assert.Equal(SessionPhase.Connecting, parts.State.Phase);
        Assert.False(parts.IsShutDown(0));
        parts.Create(slots: 1);
        parts.Connection(0).State = ConnectionState.Bound;
        parts.Connections.LoseSession(loss, keep: parts.Connection(1));
        parts.Connections.LoseSession(new SessionLostException(NfsStatus.BadSession));
        Assert.Equal(SessionPhase.Lost, parts.State.Phase);
        Assert.Same(loss, parts.State.Loss);
        Assert.Equal((ConnectionState.Closing, ConnectionState.Connected), (parts.Connection(0).State, parts.Connection(1).State));
        Assert.Equal((true, false), (parts.IsShutDown(0), parts.IsShutDown(1)));
        Assert.Equal(1, parts.Context.Statistics.SessionsLost);
    }

    [Fact]
    public void A_silent_connection_is_asked_by_NULL_and_given_up_when_another_path_gets_answers()
    {
        SessionParts parts = new(paths: 2);
        parts.Create(slots: 4);
        parts.Connection(0).State = ConnectionState.Bound;
        parts.State.Enter(SessionPhase.Open);
        parts.Submit();
        parts.Connection(1).State = ConnectionState.Bound;
        parts.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, parts.Sent(0).Count);
        Assert.NotNull(parts.Connection(0).PingSentAt);
        Assert.Empty(parts.Sent(1));
        Assert.False(parts.IsShutDown(0));
        parts.Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(parts.IsShutDown(0));
        Assert.False(parts.IsShutDown(1));
    }

    [Fact]
    public void After_the_first_session_only_a_path_that_was_part_of_one_may_make_the_next()
    {
        SessionParts parts = new(paths: 2);
        PathJudge judge = new(parts.Context, parts.Identity, parts.Connections);
        Assert.True(judge.MayLead(parts.Connection(1)));
        parts.Create(slots: 1);
        judge.OnBound(parts.Connection(0));
        parts.State.Enter(SessionPhase.Open);
        Assert.True(judge.MayLead(parts.Connection(0)));
        Assert.False(judge.MayLead(parts.Connection(1)));
        judge.OnBound(parts.Connection(1));
        PathJudge.Exclude(parts.Connection(0), "path1");
        Assert.False(judge.MayLead(parts.Connection(0)));
        Assert.True(judge.MayLead(parts.Connection(1)));
    }

    [Fact]
    public void A_predecessors_session_is_believed_to_be_gone_only_when_no_other_path_may_know_it()
    {
        SessionParts parts = new(paths: 2);
        PathJudge judge = new(parts.Context, parts.Identity, parts.Connections);
        parts.State.Add(RecoveryWork.TakeOver);
        foreach (NfsConnection connection in parts.Connections.All)
            connection.Path.IsProven = true;
        Assert.Throws<IOException>(() => judge.OnSessionUnknown(parts.Connection(0)));
        Assert.False(judge.MayLead(parts.Connection(0)));
        Assert.True(judge.MayLead(parts.Connection(1)));
        judge.OnSessionUnknown(parts.Connection(1));
        Assert.True(judge.MayLead(parts.Connection(0)));

        judge.OnSessionKnown(parts.Connection(1));
        Assert.False(parts.Connection(0).Path.IsProven);
        Assert.True(parts.Connection(1).Path.IsProven);
    }

    [Fact]
    public void A_path_whose_server_says_another_name_than_ours_is_not_used()
    {
        SessionParts parts = new(paths: 2);
        PathJudge judge = new(parts.Context, parts.Identity, parts.Connections);
        ExchangeId.Result ours = new(1, 1, 0, "one", "");
        judge.CheckIdentity(parts.Connection(0), ours);
        judge.CheckIdentity(parts.Connection(1), ours);
        Assert.Throws<IOException>(() => judge.CheckIdentity(parts.Connection(1), ours with { ServerOwner = "other" }));
        Assert.True(parts.IsShutDown(1));
        Assert.False(judge.MayLead(parts.Connection(1)));
        Assert.True(judge.MayLead(parts.Connection(0)));
    }
}
