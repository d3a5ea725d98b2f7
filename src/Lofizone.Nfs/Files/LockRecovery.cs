using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Recovery of one file, on the session's thread, with no other request in flight. Reclaims open and lock from a restarted server, takes a
/// dropped lock again (RFC 8881 sections 8.4.3 and 8.5), and takes over from a killed process. A lock that was dropped is used again only
/// with the proof that no other client had it in between. Otherwise the file is fenced.
/// </summary>
internal sealed class LockRecovery(NfsSession session, FileState state, Resender resender) : IRecoverable
{
    /// <summary>
    /// Number of grants without use after which the file is fenced: the server grants state and does not know the state a moment later.
    /// </summary>
    private const int RetakesWithoutUse = 5;

    /// <summary>Number of leases after which a server has discarded an expired client.</summary>
    private const int LeasesToOldState = 3;

    private static readonly TimeSpan _holderPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _takeOverPause = TimeSpan.FromMilliseconds(50);

    private readonly RecoveryRequests _requests = new(session, state);
    private bool _hasNoTestStateId;

    public bool IsLost => state.IsLost;

    public void Reclaim()
    {
        // A lock that was lost before the server restarted may be another client's now, and must not be reclaimed (RFC 8881 section 8.4.3).
        if (state.Now.Phase is not (FilePhase.Open or FilePhase.Locked))
            return;
        // The phase changes only when all state is reclaimed. The connection may end in between, and the next attempt must still know of
        // the lock.
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
        // The record is read first. A client that has lost the image must not keep the image's owner from the lock, not even for a moment.
        if (state.Proof!.Refuse(_requests.ReadRecord(state.Proof.RecordPath)) is { } taken)
        {
            state.Fence(lostBy, $"{dropped}: {taken}");
            return;
        }
        (NfsStatus status, StateId open, StateId held, string? other) = TakeAgain(state.Proof);
        if (status == NfsStatus.Ok && other is null)
        {
            // All data is sent again before any other request. The refusal is forgotten before the grant, for the reason that
            // Resender.Refusal names.
            resender.ForgetRefusal();
            state.Grant(open, held);
            session.Statistics.CountReclaim();
            return;
        }
        // The lock is given back at once, so that the client that owns the file now can take it.
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
            // The server does not support TEST_STATEID.
            _hasNoTestStateId = true;
            Judge(_requests.ReadOneByte(), "the server has dropped its lock");
            return;
        }
        for (int i = 0; i < found.Length; i++)
        {
            if (!FileState.IsStateLost(found[i]))
                continue;
            // The server keeps the dropped state, and goes on reporting it, until the state is freed (RFC 8881 section 18.38).
            _requests.Free(ids[i]);
            state.LoseOrFence(found[i], "the server has dropped its lock");
        }
        // TEST_STATEID does not look at the file system. Only an access tells whether the file system has moved (SEQ4_STATUS_LEASE_MOVED).
        if (state.Now.Phase is FilePhase.Open or FilePhase.Locked && _requests.ReadOneByte() is NfsStatus.Moved and var moved)
            state.LoseOrFence(moved, "READ");
    }

    public void Resend()
    {
        // A lost lock is taken again first. After that the session calls this method once more.
        if (state.Now.Phase is FilePhase.Open or FilePhase.Locked)
            resender.Run();
    }

    /// <summary>
    /// Repeats LOCK, which advances the lock's state ID. The server then refuses a late request of the predecessor with
    /// NFS4ERR_OLD_STATEID.
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
                    // The predecessor was killed after the server's answer and before it kept the new state ID. Sequence 0 names the
                    // current state ID, whatever its number (RFC 8881 section 8.2.2).
                    held = held with { Sequence = 0 };
                    break;
                case NfsStatus.Grace:
                    // The server has restarted, and the predecessor has reclaimed the lock. The server grants no new locks yet. The end of
                    // the old session must suffice as protection from late requests.
                    return;
                case NfsStatus.Delay:
                    session.Pause(_takeOverPause);
                    break;
                default:
                    // A status that does not mean the loss of the lock is left to the first request, which will meet it again.
                    if (FileState.IsStateLost(status) || status == NfsStatus.Denied)
                        state.LoseOrFence(status, "LOCK: the server does not know its lock any more");
                    return;
            }
        }
    }

    /// <summary>
    /// Opens and locks the file again, then asks the proof whether another client had the file in between. The server may refuse the lock
    /// because of a holder while the record is still this client's own. The holder is then one of two clients. The first is this client's
    /// expired former incarnation, which the server has not discarded yet. The second is a client that takes over and has not written the
    /// record yet. The server is asked again until it is known which. To end its own former incarnation, the client first presents itself
    /// as restarted.
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
            // The state is new, so the client as a whole has expired. The client must present itself to the server before it gets any
            // state.
            if (status == NfsStatus.Expired)
                throw session.ForgetClient(status);
            string? other = proof.Refuse(_requests.ReadRecord(proof.RecordPath));
            if (status is not (NfsStatus.ShareDenied or NfsStatus.Denied) || other is not null || time.GetElapsedTime(start) >= limit)
                return (status, open, held, other);
            _requests.GiveBack(open, held);
            if (!state.HasStartedOver)
            {
                // The record is still this client's own, so a restart of the client loses nothing.
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
