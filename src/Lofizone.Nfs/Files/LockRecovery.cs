using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// What the session's thread does for a file, with nothing else in flight: reclaims open and lock from a restarted server, takes a dropped
/// lock again (RFC 8881 sections 8.4.3 and 8.5), takes over from a killed process. A lock that was dropped is used again only with the
/// proof that nobody else had it in between; otherwise the file is fenced.
/// </summary>
internal sealed class LockRecovery(NfsSession session, FileState state, Resender resender) : IRecoverable
{
    /// <summary>A server that gives state and does not know the state a moment later, again and again, gives none.</summary>
    private const int RetakesWithoutUse = 5;

    /// <summary>Leases after which a server has rid itself of a client that has expired.</summary>
    private const int LeasesToOldState = 3;

    private static readonly TimeSpan _holderPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _takeOverPause = TimeSpan.FromMilliseconds(50);

    private readonly RecoveryRequests _requests = new(session, state);
    private bool _hasNoTestStateId;

    public bool IsLost => state.IsLost;

    public void Reclaim()
    {
        // A lock that was lost before the server restarted may be another client's by now and must not be reclaimed (RFC 8881 section
        // 8.4.3).
        if (state.Now.Phase is not (FilePhase.Open or FilePhase.Locked))
            return;
        // The state changes when all of it is reclaimed: the connection may end in between, and the next attempt must still know of the
        // lock.
        bool isLocked = state.Now.Lock is not null;
        NfsStatus status = _requests.Open(isReclaim: true, out StateId open);
        StateId held = default;
        if (status == NfsStatus.Ok && isLocked)
            status = _requests.Lock(open, isReclaim: true, out held);
        if (status == NfsStatus.Ok)
            state.Grant(open, isLocked ? held : null);
        else
            state.LoseOrFence(status, $"the server forgot the {(isLocked ? "lock" : "open")} and does not let it be reclaimed");
    }

    public void Retake()
    {
        if (!state.IsLost)
            return;
        NfsStatus lostBy = state.Now.LostBy;
        string dropped = $"the server had dropped its lock ({NfsStatusText.Describe(lostBy)})";
        if (++state.Retakes > RetakesWithoutUse)
        {
            state.Fence(lostBy, $"the server took the lock away {RetakesWithoutUse} times in a row ({NfsStatusText.Describe(lostBy)})");
            return;
        }
        // The record is looked at first: a client that owns the image no more must not keep its owners from the lock, not even for a
        // moment.
        if (state.Proof!.Refuse(_requests.ReadRecord(state.Proof.RecordPath)) is { } taken)
        {
            state.Fence(lostBy, $"{dropped}: {taken}");
            return;
        }
        (NfsStatus status, StateId open, StateId held, string? other) = TakeAgain(state.Proof);
        if (status == NfsStatus.Ok && other is null)
        {
            // Everything is sent again next, before any other request. In this order: see Resender.Refusal.
            resender.ForgetRefusal();
            state.Grant(open, held);
            session.Statistics.CountReclaim();
            return;
        }
        // The lock must not be kept from the client that owns the file now.
        _requests.GiveBack(open, held);
        string why = other is null ? "" : $": {other}";
        if (status == NfsStatus.Ok)
            state.Fence(lostBy, $"{dropped} and gave it again, but {other}");
        else
            state.Fence(status, $"{dropped} and did not give it again ({NfsStatusText.Describe(status)}){why}");
    }

    public void Check()
    {
        if (state.Now is not { Phase: FilePhase.Open or FilePhase.Locked } now)
            return;
        StateId[] ids = now.Lock is { } held ? [held, now.Open] : [now.Open];
        NfsStatus[]? found = _hasNoTestStateId ? null : _requests.TestStates(ids);
        if (found is null)
        {
            // A server without TEST_STATEID.
            _hasNoTestStateId = true;
            Judge(_requests.ReadOneByte(), "the server has dropped its lock");
            return;
        }
        for (int i = 0; i < found.Length; i++)
        {
            if (!FileState.IsStateLost(found[i]))
                continue;
            // Until the state is freed, the server keeps it and goes on telling of it (RFC 8881 section 18.38).
            _requests.Free(ids[i]);
            state.LoseOrFence(found[i], "the server has dropped its lock");
        }
        // TEST_STATEID looks at no file system: only an access tells whether the file system has moved (SEQ4_STATUS_LEASE_MOVED).
        if (state.Now.Phase is FilePhase.Open or FilePhase.Locked && _requests.ReadOneByte() is NfsStatus.Moved and var moved)
            state.LoseOrFence(moved, "READ");
    }

    public void Resend()
    {
        // A lost lock is taken again first, which brings the session here once more.
        if (state.Now.Phase is FilePhase.Open or FilePhase.Locked)
            resender.Run();
    }

    /// <summary>
    /// Repeats LOCK: the lock's state ID advances, and a request of the predecessor that is still under way to the server is refused with
    /// OLD_STATEID.
    /// </summary>
    public void TakeOver()
    {
        if (state.Now is not { Phase: FilePhase.Locked, Lock: { } held })
            return;
        while (true)
        {
            NfsStatus status = _requests.LockAgain(held, out StateId advanced);
            switch (status)
            {
                case NfsStatus.Ok:
                    state.Grant(state.Now.Open, advanced);
                    return;
                case NfsStatus.OldStateId when held.Sequence != 0:
                    // The predecessor was killed between the server's answer and the note of it. Sequence 0 names the current state ID,
                    // whatever it is (RFC 8881 section 8.2.2).
                    held = held with { Sequence = 0 };
                    break;
                case NfsStatus.Grace:
                    // The server has restarted and the predecessor has reclaimed the lock; the server gives no new locks yet. The old
                    // session is gone, which must do.
                    return;
                case NfsStatus.Delay:
                    session.Pause(_takeOverPause);
                    break;
                default:
                    // A status that says nothing about the lock's loss is met again by the first request.
                    if (FileState.IsStateLost(status) || status == NfsStatus.Denied)
                        state.LoseOrFence(status, "LOCK: the server does not know its lock any more");
                    return;
            }
        }
    }

    /// <summary>
    /// Opens and locks again, then asks the proof whether another client had the file in between. The server may refuse because of a holder
    /// while the record is still our own. The holder is then this client as it was before it expired, which the server has not rid itself
    /// of
    /// yet, or a client that takes over and writes the record next. So the server is asked again until it is known which. First the client
    /// starts over, which ends its own past.
    /// </summary>
    private (NfsStatus Status, StateId Open, StateId Held, string? Other) TakeAgain(IOwnershipProof proof)
    {
        TimeProvider time = session.Options.TimeProvider;
        long start = time.GetTimestamp();
        TimeSpan limit = TimeSpan.FromSeconds(session.Statistics.LeaseSeconds * LeasesToOldState);
        while (true)
        {
            NfsStatus status = _requests.Open(isReclaim: false, out StateId open);
            StateId held = default;
            if (status == NfsStatus.Ok)
                status = _requests.Lock(open, isReclaim: false, out held);
            // The state was just asked for, so it is the client as a whole that has expired. It must make itself known before it gets any
            // state.
            if (status == NfsStatus.Expired)
                throw session.ForgetClient(status);
            string? other = proof.Refuse(_requests.ReadRecord(proof.RecordPath));
            if (status is not (NfsStatus.ShareDenied or NfsStatus.Denied) || other is not null || time.GetElapsedTime(start) >= limit)
                return (status, open, held, other);
            _requests.GiveBack(open, held);
            if (!state.HasStartedOver)
            {
                // The record is still our own, so there is nothing to lose.
                state.HasStartedOver = true;
                throw session.StartOver(status);
            }
            session.Pause(_holderPause);
        }
    }

    private void Judge(NfsStatus status, string what)
    {
        if (FileState.IsStateLost(status))
            state.LoseOrFence(status, what);
    }
}
