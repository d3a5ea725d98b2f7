using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>The phases of a session and their order, as ARCHITECTURE.md draws them.</summary>
public sealed class SessionStateTests
{
    private static readonly SessionPhase[] _phases = Enum.GetValues<SessionPhase>();

    [Fact]
    public void Every_transition_that_is_drawn_is_accepted_and_every_other_is_refused()
    {
        HashSet<(SessionPhase, SessionPhase)> drawn = DrawnPhases.Of(SessionPhase.Idle, SessionPhase.Closed);
        foreach (SessionPhase from in _phases)
        {
            foreach (SessionPhase to in _phases)
            {
                SessionState state = In(from);
                if (drawn.Contains((from, to)))
                {
                    state.Enter(to);
                    Assert.Equal(to, state.Phase);
                    continue;
                }
                Assert.Throws<InvalidOperationException>(() => state.Enter(to));
                Assert.Equal(from, state.Phase);
            }
        }
    }

    [Fact]
    public void There_is_a_session_only_between_its_making_and_its_loss_and_calls_go_only_when_it_is_open()
    {
        Assert.Equal([SessionPhase.Restoring, SessionPhase.Draining, SessionPhase.Open], _phases.Where(phase => In(phase).HasSession));
        Assert.Equal([SessionPhase.Open], _phases.Where(phase => In(phase).IsOpen));
        Assert.Equal([SessionPhase.Closed], _phases.Where(phase => In(phase).IsClosed));
    }

    [Fact]
    public void What_fails_falls_back_to_the_phase_from_which_it_is_begun_again()
    {
        foreach (SessionPhase phase in _phases)
        {
            SessionState state = In(phase);
            state.FallBack();
            SessionPhase expected = phase switch
            {
                SessionPhase.Ending => SessionPhase.Lost,
                SessionPhase.Creating => SessionPhase.Connecting,
                SessionPhase.Draining => SessionPhase.Restoring,
                _ => phase,
            };
            Assert.Equal(expected, state.Phase);
        }
    }

    [Fact]
    public void The_sessions_thread_is_told_of_a_loss_and_of_an_end_that_came_from_another_thread()
    {
        SessionLostException loss = new(NfsStatus.DeadSession);
        foreach (SessionPhase next in new[] { SessionPhase.Draining, SessionPhase.Open, SessionPhase.Restoring })
        {
            SessionState state = In(SessionPhase.Restoring);
            state.Lose(loss);
            Assert.Same(loss, Assert.Throws<SessionLostException>(() => state.Proceed(next)));
            Assert.Same(loss, Assert.Throws<SessionLostException>(state.RequireSession));
            Assert.Equal(SessionPhase.Lost, state.Phase);
            state.Close();
            state.Close();
            Assert.IsType<IOException>(Assert.ThrowsAny<IOException>(() => state.Proceed(next)));
            Assert.IsType<IOException>(Assert.ThrowsAny<IOException>(state.RequireSession));
        }
    }

    [Fact]
    public void A_session_that_was_open_once_is_waited_for_and_one_that_is_gone_on_with_too()
    {
        foreach (SessionPhase phase in _phases)
            Assert.Equal(phase == SessionPhase.Open, In(phase).WasOpen);
        SessionState lost = In(SessionPhase.Open);
        lost.Lose(new SessionLostException(NfsStatus.BadSession));
        Assert.True(lost.WasOpen);
        foreach (bool mayExist in new[] { true, false })
        {
            SessionState inherited = new();
            inherited.Inherit(mayExist);
            Assert.True(inherited.WasOpen);
            Assert.Equal(mayExist ? SessionPhase.Lost : SessionPhase.Connecting, inherited.Phase);
        }
    }

    [Fact]
    public void A_restart_that_is_met_while_the_reclaim_is_completed_begins_the_reclaim_anew()
    {
        SessionState state = In(SessionPhase.Restoring);
        state.Add(RecoveryWork.CompleteReclaim | RecoveryWork.Resend);
        state.ReclaimAll();
        Assert.Equal(RecoveryWork.Reclaim | RecoveryWork.Resend, state.Work);
    }

    /// <summary>A state that allowed transitions led into the phase, on the shortest way.</summary>
    private static SessionState In(SessionPhase phase)
    {
        Queue<SessionPhase[]> ways = new([[SessionPhase.Idle]]);
        while (ways.Dequeue() is var way)
        {
            if (way[^1] == phase)
            {
                SessionState state = new();
                foreach (SessionPhase step in way.Skip(1))
                    state.Enter(step);
                return state;
            }
            foreach (SessionPhase next in _phases.Where(next => SessionState.MayFollow(way[^1], next) && !way.Contains(next)))
                ways.Enqueue([.. way, next]);
        }
        throw new InvalidOperationException($"no way leads to {phase}");
    }
}
