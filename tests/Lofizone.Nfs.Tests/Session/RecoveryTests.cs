using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>What a recovery does with the state of files, what starts a recovery, and what a successor gets of its state.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public void Lost_state_is_taken_again_before_all_data_is_written_again_until_nothing_is_lost()
    {
        (SessionParts parts, StateRestorer restorer) = Restoring();
        List<string> done = [];
        RecoveredFile one = new("one", done) { Lost = 2 };
        RecoveredFile other = new("other", done);
        restorer.Register(one);
        restorer.Register(other);
        RecoveredFile closed = new("closed", done);
        restorer.Register(closed);
        restorer.Unregister(closed);
        Task resent = restorer.ResendAsync();
        restorer.Restore();
        Assert.Equal(["one retaken", "one resent", "other resent", "one retaken", "one resent", "other resent"], done);
        Assert.True(resent.IsCompletedSuccessfully);
        Assert.Equal(RecoveryWork.None, parts.State.Work);
        Assert.Equal(SessionPhase.Restoring, parts.State.Phase);
    }

    [Fact]
    public void A_resend_that_is_interrupted_is_not_through_and_is_kept_for_the_next_time_and_for_a_successor()
    {
        NfsResumeMemory memory = NfsResumeMemory.Create();
        (SessionParts parts, StateRestorer restorer) = Restoring(FakeRun.Defaults with { ResumeMemory = memory });
        RecoveredFile file = new("file", []) { Failure = new SessionLostException(NfsStatus.BadSession) };
        restorer.Register(file);
        Task resent = restorer.ResendAsync();
        Assert.Throws<SessionLostException>(restorer.Restore);
        Assert.False(resent.IsCompleted);
        Assert.True(memory.ReadState()!.ResendNeeded);
        file.Failure = null;
        restorer.Restore();
        Assert.True(resent.IsCompletedSuccessfully);
        Assert.False(memory.ReadState()!.ResendNeeded);

        Task late = restorer.ResendAsync();
        parts.State.Close();
        restorer.End(parts.Context.Closed());
        Assert.IsType<NfsUnreachableException>(late.Exception?.InnerException);
        Assert.IsType<NfsUnreachableException>(restorer.ResendAsync().Exception?.InnerException);
    }

    [Fact]
    public void A_session_that_can_not_stay_is_given_up_and_what_may_be_gone_is_asked_for_once()
    {
        (SessionParts parts, StateRestorer restorer) = Restoring();
        List<string> done = [];
        restorer.Register(new RecoveredFile("file", done));
        parts.State.Add(RecoveryWork.Replace | RecoveryWork.Check);
        Assert.Throws<SessionLostException>(restorer.Restore);
        Assert.Equal(RecoveryWork.Check, parts.State.Work);
        restorer.Restore();
        restorer.Restore();
        Assert.Equal(["file checked"], done);
    }

    [Fact]
    public void A_predecessors_requests_are_made_harmless_before_any_other_work()
    {
        (SessionParts parts, StateRestorer restorer) = Restoring();
        List<string> done = [];
        restorer.Register(new RecoveredFile("file", done));
        long epoch = parts.State.Epoch;
        parts.State.Add(RecoveryWork.TakeOver | RecoveryWork.Check | RecoveryWork.FinishResend);
        restorer.Restore();
        Assert.Equal(["file taken over", "file checked", "file resent"], done);
        Assert.True(parts.State.Epoch > epoch);
        Assert.Equal(RecoveryWork.None, parts.State.Work);
    }

    [Fact]
    public void A_status_flag_that_stays_up_is_handled_once_in_a_renewal_period_and_at_once_when_it_is_new()
    {
        SessionParts parts = new();
        parts.Context.Statistics.SetSession(1, leaseSeconds: 30);
        using LeaseRenewal lease = new(parts.Context, parts.Queue, parts.Calls, parts.Monitor);
        StatusFlags flags = new(parts.Context, lease);
        Assert.Equal(RecoveryWork.Check, WorkAfter(Sequence.StateMayBeGone));
        Assert.Equal(RecoveryWork.None, WorkAfter(Sequence.StateMayBeGone));
        Assert.Equal(RecoveryWork.Check | RecoveryWork.Replace, WorkAfter(Sequence.StateMayBeGone | Sequence.BackChannelFault));
        parts.Clock.Advance(lease.Period);
        Assert.Equal(RecoveryWork.Check, WorkAfter(Sequence.StateMayBeGone));
        Assert.Equal(RecoveryWork.None, WorkAfter(0));
        Assert.Equal(RecoveryWork.Check, WorkAfter(Sequence.StateMayBeGone));

        RecoveryWork WorkAfter(uint said)
        {
            parts.State.Remove(parts.State.Work);
            flags.Take(said);
            return parts.State.Work;
        }
    }

    [Fact]
    public void A_successor_finds_who_the_client_is_and_a_new_client_ID_means_that_all_state_is_forgotten()
    {
        NfsResumeMemory memory = NfsResumeMemory.Create();
        SessionParts parts = new(options: FakeRun.Defaults with { ResumeMemory = memory });
        ClientIdentity identity = parts.Identity;
        identity.MakeKnown(new ExchangeId.Result(7, 3, 0, "", ""));
        identity.CountSession();
        identity.SetSession(new SessionId(1, 2));
        parts.State.Add(RecoveryWork.CompleteReclaim);
        parts.State.Remove(RecoveryWork.Reclaim);
        identity.Keep();

        NfsResumeState kept = memory.ReadState()!;
        Assert.Equal((7ul, 4u, new SessionId(1, 2)), (kept.ClientId, kept.CreateSequence, kept.Session));
        Assert.Equal((true, true, false), (kept.ReclaimNeeded, kept.StateReclaimed, kept.ResendNeeded));
        SessionParts successor = new();
        successor.Identity.Inherit(kept);
        Assert.Equal((identity.Verifier, 7ul), (successor.Identity.Verifier, successor.Identity.ClientId));
        successor.Identity.MakeKnown(new ExchangeId.Result(7, 5, 0, "", ""));
        Assert.Equal(RecoveryWork.None, successor.State.Work);
        successor.Identity.MakeKnown(new ExchangeId.Result(8, 1, 0, "", ""));
        Assert.Equal(RecoveryWork.Reclaim, successor.State.Work);
        successor.Identity.StartOver();
        Assert.Equal(0ul, successor.Identity.ClientId);
        Assert.NotEqual(identity.Verifier, successor.Identity.Verifier);
    }

    private static (SessionParts Parts, StateRestorer Restorer) Restoring(NfsClientOptions? options = null)
    {
        SessionParts parts = new(options: options);
        parts.Create(slots: 2);
        PathJudge paths = new(parts.Context, parts.Identity, parts.Connections);
        RecoveryCalls requests = new(parts.Context, parts.Connections, paths, new ControlCalls(parts.Context, parts.Calls), parts.Queue);
        return (parts, new StateRestorer(parts.Context, parts.Identity, parts.Queue, parts.Calls, requests));
    }

    private sealed class RecoveredFile(string name, List<string> done) : IRecoverable
    {
        /// <summary>Number of times that the state is found lost again after it was taken.</summary>
        public int Lost { get; set; }

        public Exception? Failure { get; set; }

        public bool IsLost => Lost > 0;

        public void Reclaim() => done.Add($"{name} reclaimed");

        public void Retake()
        {
            Lost--;
            done.Add($"{name} retaken");
        }

        public void Check() => done.Add($"{name} checked");

        public void Resend()
        {
            if (Failure is { } failure)
                throw failure;
            done.Add($"{name} resent");
        }

        public void TakeOver() => done.Add($"{name} taken over");
    }
}
