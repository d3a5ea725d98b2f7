using Lofizone.Nfs.Files;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>The phases of an open file: what follows each phase, which handlers are called, and what a successor finds.</summary>
public sealed class FileStateTests
{
    private static readonly StateId _open = new(1, 1, 1);
    private static readonly StateId _held = new(1, 2, 2);
    private static readonly StateId _heldAgain = new(2, 2, 2);

    private readonly List<NfsResumeState.FileState?> _kept = [];

    private sealed class Proof : IOwnershipProof
    {
        public string RecordPath => "/owner";

        public string? Refuse(ReadOnlyMemory<byte>? record) => null;
    }

    public enum Happening
    {
        LockGranted,
        LockGivenUp,
        StateLost,
        StateLostByAMove,
        Fenced,
        Closed,
    }

    /// <summary>A row for each phase: the phase after each happening, in the order of <see cref="Happening"/>.</summary>
    private static readonly Dictionary<FilePhase, FilePhase[]> _next = new()
    {
        [FilePhase.Open] = [FilePhase.Locked, FilePhase.Open, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Closed],
        [FilePhase.Locked] = [FilePhase.Locked, FilePhase.Open, FilePhase.Lost, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Closed],
        [FilePhase.Lost] = [FilePhase.Locked, FilePhase.Open, FilePhase.Lost, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Closed],
        [FilePhase.Fenced] = [FilePhase.Fenced, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Fenced, FilePhase.Closed],
        [FilePhase.Closed] = [FilePhase.Closed, FilePhase.Closed, FilePhase.Closed, FilePhase.Closed, FilePhase.Closed, FilePhase.Closed],
    };

    [Fact]
    public void The_phases_may_follow_each_other_as_they_are_drawn()
    {
        FilePhase[] phases = Enum.GetValues<FilePhase>();
        IEnumerable<(FilePhase From, FilePhase To)> pairs = phases.SelectMany(_ => phases, (from, to) => (from, to));
        IEnumerable<(FilePhase, FilePhase)> allowed = pairs.Where(pair => pair.From != pair.To && FileState.MayFollow(pair.From, pair.To));
        Assert.Equal(DrawnPhases.Of(FilePhase.Open, FilePhase.Closed).Order(), allowed.Order());
    }

    [Fact]
    public void From_each_phase_each_happening_leads_where_the_table_says_and_nowhere_else()
    {
        foreach (FilePhase from in Enum.GetValues<FilePhase>())
        {
            HashSet<FilePhase> seen = [];
            foreach (Happening happening in Enum.GetValues<Happening>())
            {
                FileState state = In(from);
                Happen(state, happening);
                Assert.True(_next[from][(int)happening] == state.Now.Phase, $"{happening} in {from} led to {state.Now.Phase}");
                seen.Add(state.Now.Phase);
            }
            // MayFollow allows exactly the phases that happenings lead to.
            foreach (FilePhase to in Enum.GetValues<FilePhase>().Where(to => to != from))
                Assert.True(FileState.MayFollow(from, to) == seen.Contains(to), $"{to} behind {from}");
        }
    }

    [Theory]
    [InlineData(NfsStatus.Expired)]
    [InlineData(NfsStatus.AdminRevoked)]
    [InlineData(NfsStatus.BadStateId)]
    [InlineData(NfsStatus.StaleStateId)]
    [InlineData(NfsStatus.DelegRevoked)]
    [InlineData(NfsStatus.Moved)]
    public void A_lost_lock_without_a_proof_fences_and_says_why(NfsStatus status)
    {
        FileState state = In(FilePhase.Locked);
        state.Proof = null;
        Assert.True(FileState.IsStateLost(status));
        state.LoseOrFence(status, "WRITE");
        NfsFencedException error = Assert.IsType<NfsFencedException>(state.Unusable());
        Assert.Equal(status, error.Status);
        Assert.Contains(status == NfsStatus.Moved ? "another server" : "WRITE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fence_and_the_end_are_told_once_and_no_handler_can_stop_the_others()
    {
        FileState state = In(FilePhase.Locked);
        List<string> told = [];
        state.Ended += () => told.Add("ended");
        state.Fenced += _ => throw new InvalidOperationException("a handler's fault");
        state.Fenced += fence => told.Add("fenced: " + fence.Why);
        state.Fence(NfsStatus.Expired, "first");
        state.Fence(NfsStatus.Expired, "second");
        Assert.True(state.Close());
        Assert.False(state.Close());
        Assert.Equal(["ended", "fenced: first"], told);
        Assert.IsType<InvalidOperationException>(state.Now.Fence!.HandlerFailure);
        // A closed file still counts as fenced.
        Assert.True(state.IsFenced);
        Assert.IsType<ObjectDisposedException>(state.Unusable());
    }

    [Fact]
    public void Reads_and_writes_carry_the_state_id_of_the_lock_while_there_is_one()
    {
        FileState state = In(FilePhase.Open);
        Assert.Equal(_open, state.StateId);
        Assert.True(state.Grant(_open, _held));
        Assert.Equal(_held, state.StateId);
        Assert.True(state.Grant(_open, null));
        Assert.Equal(_open, state.StateId);
    }

    [Fact]
    public void A_successor_finds_each_change_and_no_file_behind_a_close()
    {
        FileState state = In(FilePhase.Locked);
        state.GrowTo(5000);
        state.GrowTo(4000);
        state.Grant(_open, _heldAgain);
        Assert.Equal((_heldAgain, 5000, 0u), (_kept[^1]!.Lock, _kept[^1]!.Length, _kept[^1]!.FencedBy));
        state.Fence(NfsStatus.BadStateId, "gone");
        Assert.Equal((uint)NfsStatus.BadStateId, _kept[^1]!.FencedBy);
        FileState successor = new(_kept[^1]!, Options, _ => { });
        Assert.Equal(FilePhase.Fenced, successor.Now.Phase);
        state.Close();
        Assert.Null(_kept[^1]);
    }

    [Fact]
    public void Losses_count_up_until_the_server_has_taken_a_request_under_the_lock()
    {
        FileState state = In(FilePhase.Locked);
        (state.Retakes, state.HasStartedOver) = (3, true);
        state.LoseOrFence(NfsStatus.Expired, "WRITE");
        // An answer to a request from before the loss says nothing about the lock.
        state.NoteUse();
        Assert.Equal((3, true), (state.Retakes, state.HasStartedOver));
        state.Grant(_open, _heldAgain);
        state.NoteUse();
        Assert.Equal((0, false), (state.Retakes, state.HasStartedOver));
    }

    private static NfsOpenOptions Options => new() { Write = true, Resumable = true };

    private FileState In(FilePhase phase)
    {
        NfsResumeState.FileState start = new() { Path = "/image", Open = _open, Length = 100 };
        FileState state = new(start, Options, _kept.Add) { Proof = new Proof() };
        if (phase is FilePhase.Locked or FilePhase.Lost)
            state.Grant(_open, _held);
        if (phase == FilePhase.Lost)
            state.LoseOrFence(NfsStatus.BadStateId, "WRITE");
        if (phase == FilePhase.Fenced)
            state.Fence(NfsStatus.BadStateId, "gone");
        if (phase == FilePhase.Closed)
            state.Close();
        Assert.Equal(phase, state.Now.Phase);
        return state;
    }

    private static void Happen(FileState state, Happening happening)
    {
        switch (happening)
        {
            case Happening.LockGranted:
                state.Grant(_open, _heldAgain);
                break;
            case Happening.LockGivenUp:
                state.Grant(_open, null);
                break;
            case Happening.StateLost:
                state.LoseOrFence(NfsStatus.Expired, "WRITE");
                break;
            case Happening.StateLostByAMove:
                state.LoseOrFence(NfsStatus.Moved, "WRITE");
                break;
            case Happening.Fenced:
                state.Fence(NfsStatus.Expired, "gone");
                break;
            case Happening.Closed:
                state.Close();
                break;
        }
    }
}
