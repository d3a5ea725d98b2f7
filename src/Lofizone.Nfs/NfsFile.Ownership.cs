using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// A lock the server has dropped (RFC 8881 sections 8.4.3 and 8.5): taken again, then used again only with the proof that nobody else
/// had it in between; otherwise the file is fenced. Runs on the session's thread while nothing else is in flight.
/// </summary>
public sealed partial class NfsFile
{
    /// <summary>Most bytes of an <see cref="IOwnershipProof"/>'s record.</summary>
    public const int ProofLimitBytes = 4096;

    /// <summary>A server that gives state and does not know it a moment later, again and again, gives none.</summary>
    private const int RetakesWithoutUse = 5;

    /// <summary>Leases after which a server has rid itself of a client that has expired.</summary>
    private const int LeasesToOldState = 3;

    /// <summary>How often a record may be replaced while it is looked at.</summary>
    private const int RecordReplacements = 10;

    private const string MovedAway = "the server has moved its file system to another server (NFS4ERR_MOVED), where nobody renews the lock; attach the image there, by that server's address";

    private static readonly TimeSpan _holderPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _serverPause = TimeSpan.FromMilliseconds(200);

    private IOwnershipProof? _proof;
    private volatile bool _lost;
    private NfsStatus _lostBy;
    private int _retakes;
    private bool _startedOver;
    private bool _noTestStateId;

    /// <summary>
    /// From now on a lost lock is taken again if <paramref name="proof"/> lets it be; without one the file is fenced. To be called
    /// under the lock, after the own record has been written.
    /// </summary>
    public void GuardBy(IOwnershipProof proof)
    {
        ThrowIfUnusable();
        _proof = proof;
    }

    /// <summary>The lock was lost and is being asked for again; I/O waits.</summary>
    public bool IsRetaking => _lost && !IsFenced;

    bool IRecoverable.IsLost => _lost && !IsFenced && !_closed;

    void IRecoverable.Retake()
    {
        NfsSession session = _session;
        if (!_lost || IsFenced || _closed)
            return;
        if (++_retakes > RetakesWithoutUse)
        {
            Fence(_lostBy, $"the server took the lock away {RetakesWithoutUse} times in a row ({NfsStatusText.Describe(_lostBy)})");
            return;
        }
        // Looked at first, so that the image is not kept from its owners, not even for a moment, by one who is none any more.
        if (_proof!.Refuse(ReadRecord(session)) is { } taken)
        {
            Fence(_lostBy, $"the server had dropped its lock ({NfsStatusText.Describe(_lostBy)}): {taken}");
            return;
        }
        (NfsStatus status, StateId open, StateId held, string? other) = TakeAgain(session);
        if (status == NfsStatus.Ok && other is null)
        {
            SetState(new OpenState(open, held));
            // Everything is sent again next, before anybody else's requests; see ResendFailure for the order.
            _resendFailure = NfsStatus.Ok;
            _lost = false;
            session.Statistics.CountReclaim();
            return;
        }
        // Not to be kept from the one who owns the file now.
        if (open != default)
            GiveBack(session, open, held);
        string why = $"the server had dropped its lock ({NfsStatusText.Describe(_lostBy)}) and {(status == NfsStatus.Ok ? "gave it again, but " : $"did not give it again ({NfsStatusText.Describe(status)})")}";
        Fence(status == NfsStatus.Ok ? _lostBy : status, status == NfsStatus.Ok ? why + other : other is null ? why : $"{why}: {other}");
    }

    /// <summary>
    /// Opens and locks again and asks whether anybody had the file in between. Refused for the sake of a holder while the record is still our
    /// own, the holder is this client as it was before it expired, of which the server has not rid itself yet, or somebody who takes over
    /// and writes the record next: asked again until either is decided, first of all as a client that has started over.
    /// </summary>
    private (NfsStatus Status, StateId Open, StateId Held, string? Other) TakeAgain(NfsSession session)
    {
        TimeProvider time = session.Options.TimeProvider;
        long start = time.GetTimestamp();
        TimeSpan limit = TimeSpan.FromSeconds(session.Statistics.LeaseSeconds * LeasesToOldState);
        while (true)
        {
            NfsStatus status = Execute(session, OperationCode.Open, EncodeOpenAgain, out StateId open);
            StateId held = default;
            if (status == NfsStatus.Ok)
            {
                StateId opened = open;
                status = Execute(session, OperationCode.Lock, (ref XdrWriter writer) => EncodeLock(ref writer, opened, reclaim: false), out held);
            }
            // Not this state has expired, which was just asked for, but the client as a whole: it must make itself known before it gets any.
            if (status == NfsStatus.Expired)
                throw session.ForgetClient(status);
            string? other = _proof!.Refuse(ReadRecord(session));
            if (status is not (NfsStatus.ShareDenied or NfsStatus.Denied) || other is not null || time.GetElapsedTime(start) >= limit)
                return (status, open, held, other);
            if (open != default)
                GiveBack(session, open, held);
            if (!_startedOver)
            {
                // Should the holder be this client's own past, it ends here; the record is still the own one, so there is nothing to lose.
                _startedOver = true;
                throw session.StartOver(status);
            }
            session.Pause(_holderPause);
        }
    }

    void IRecoverable.Check()
    {
        NfsSession session = _session;
        if (_lost || IsFenced || _closed)
            return;
        OpenState state = _state;
        StateId[] ids = state.Lock is { } held ? [held, state.Open] : [state.Open];
        NfsStatus[] found = _noTestStateId ? [ReadProbe(session)] : TestStates(session, ids);
        for (int i = 0; i < found.Length; i++)
        {
            if (!IsStateLost(found[i]))
                continue;
            // Until it is freed, the server keeps it and goes on telling (section 18.38).
            if (!_noTestStateId)
                Free(session, ids[i]);
            LoseOrFence(found[i], "the server has dropped its lock");
        }
        // TEST_STATEID looks at no file system: whether that is still here (SEQ4_STATUS_LEASE_MOVED) only an access tells.
        if (!_noTestStateId && !_lost && !IsFenced && ReadProbe(session) is NfsStatus.Moved and var moved)
            LoseOrFence(moved, "READ");
    }

    /// <summary>The state that a request was made with is gone. Returns when it may be made again with other state; throws when the file is fenced.</summary>
    private async ValueTask LoseAsync(NfsStatus status, string operation, long epoch)
    {
        // Another request has found out before, and it is mended already.
        if (epoch != _session.Epoch && !_lost)
            return;
        LoseOrFence(status, $"{operation}: the server does not know its open or lock any more");
        ThrowIfUnusable();
        await _session.ResendUncommittedAsync();
        ThrowIfUnusable();
    }

    private void LoseOrFence(NfsStatus status, string what)
    {
        if (status == NfsStatus.Moved)
        {
            Fence(status, MovedAway);
            return;
        }
        if (_proof is null || _state.Lock is null)
        {
            Fence(status, $"{what} ({NfsStatusText.Describe(status)})");
            return;
        }
        _lostBy = status;
        _lost = true;
    }

    /// <summary>The lock works: an earlier loss does not count any more.</summary>
    private void NoteUse()
    {
        if (_retakes != 0 && !_lost)
            (_retakes, _startedOver) = (0, false);
    }

    private void EncodeOpenAgain(ref XdrWriter writer)
    {
        FileHandle.EncodePut(ref writer, _handle);
        Open.EncodeByHandle(ref writer, _session.ClientId, _owner, _options);
    }

    private void EncodeLock(ref XdrWriter writer, StateId open, bool reclaim)
    {
        FileHandle.EncodePut(ref writer, _handle);
        Locking.Encode(ref writer, open, _session.ClientId, _owner, reclaim);
    }

    /// <summary>The record as it is now, found by its name; null when it is not there or not to be read.</summary>
    private ReadOnlyMemory<byte>? ReadRecord(NfsSession session)
    {
        string[] names = _proof!.RecordPath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        CompoundCall call = ExecuteReadRecord(session, names);
        // Replaced between LOOKUP and READ, as its writers do: what was found is gone, and another one is there.
        for (int again = 0; again < RecordReplacements && call.Status is NfsStatus.Stale or NfsStatus.FhExpired; again++)
            call = ExecuteReadRecord(session, names);
        // Says nothing of the record: the client as a whole has expired, and must make itself known before it is told anything.
        if (call.Status == NfsStatus.Expired)
            throw session.ForgetClient(call.Status);
        if (call.Status != NfsStatus.Ok)
            return null;
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutRootFh);
        foreach (string _ in names)
            CompoundCall.Expect(ref reader, OperationCode.Lookup);
        CompoundCall.Expect(ref reader, OperationCode.Read);
        (_, int count) = Read.DecodeHead(ref reader, ProofLimitBytes);
        return reader.ReadFixed(count).ToArray();
    }

    private static CompoundCall ExecuteReadRecord(NfsSession session, string[] names) => Execute(session, (ref XdrWriter writer) =>
    {
        FileHandle.EncodePutRoot(ref writer);
        foreach (string name in names)
            Lookup.Encode(ref writer, name);
        Read.Encode(ref writer, StateId.Anonymous, 0, ProofLimitBytes);
    }, cache: false);

    private NfsStatus[] TestStates(NfsSession session, StateId[] ids)
    {
        CompoundCall call = Execute(session, (ref XdrWriter writer) => StateIdCheck.EncodeTest(ref writer, ids));
        if (call.Status != NfsStatus.Ok)
        {
            _noTestStateId = true;
            return [ReadProbe(session)];
        }
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.TestStateId);
        return StateIdCheck.DecodeTest(ref reader, ids.Length);
    }

    /// <summary>For a server without TEST_STATEID: a READ under the lock finds out, too.</summary>
    private NfsStatus ReadProbe(NfsSession session) => Execute(session, (ref XdrWriter writer) =>
    {
        FileHandle.EncodePut(ref writer, _handle);
        Read.Encode(ref writer, _state.ForIo, 0, 1);
    }).Status;

    private static void Free(NfsSession session, StateId state) => Execute(session, (ref XdrWriter writer) => StateIdCheck.EncodeFree(ref writer, state));

    private void GiveBack(NfsSession session, StateId open, StateId held)
    {
        if (held != default)
        {
            Execute(session, (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, _handle);
                Locking.EncodeUnlock(ref writer, held);
            });
        }
        Execute(session, (ref XdrWriter writer) =>
        {
            FileHandle.EncodePut(ref writer, _handle);
            Close.Encode(ref writer, open);
        });
    }

    /// <summary>A request of the recovery, repeated while the server says later.</summary>
    private static CompoundCall Execute(NfsSession session, CompoundEncoder encode, bool cache = true)
    {
        while (true)
        {
            CompoundCall call = new();
            XdrWriter writer = session.Begin(call, cache, inline: true);
            encode(ref writer);
            call.End(writer);
            NfsStatus status = session.Execute(call);
            // What need not be kept may be executed again.
            if (!Requests.IsLater(status) && (cache || status != NfsStatus.RetryUncachedRep))
                return call;
            session.Pause(_serverPause);
        }
    }

    private static NfsStatus Execute(NfsSession session, OperationCode operation, CompoundEncoder encode, out StateId state)
    {
        CompoundCall call = Execute(session, encode);
        state = call.Status == NfsStatus.Ok ? DecodeState(call, operation) : default;
        return call.Status;
    }
}
