using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Requests with which the session's thread recovers a file's state. Each request is repeated while the server says "later".
/// </summary>
internal sealed class RecoveryRequests(NfsSession session, FileState state)
{
    /// <summary>Number of times that a record may be replaced while it is read.</summary>
    private const int RecordReplacements = 10;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Sends OPEN of the file by its handle. A reclaim is allowed only in the server's grace period.</summary>
    public NfsStatus Open(bool isReclaim, out StateId open)
    {
        CompoundCall call = ExecuteOnFile((ref XdrWriter writer) =>
        {
            if (isReclaim)
                Operations.Open.EncodeReclaim(ref writer, session.ClientId, state.Owner, state.Options);
            else
                Operations.Open.EncodeByHandle(ref writer, session.ClientId, state.Owner, state.Options);
        });
        open = default;
        if (call.Status != NfsStatus.Ok)
            return call.Status;
        XdrReader reader = call.ResultOf(OperationCode.Open);
        open = Operations.Open.Decode(ref reader);
        return NfsStatus.Ok;
    }

    /// <summary>Sends LOCK of the whole file under that open.</summary>
    public NfsStatus Lock(StateId open, bool isReclaim, out StateId held) => DecodeLock(
        ExecuteOnFile((ref XdrWriter writer) => Locking.Encode(ref writer, open, session.ClientId, state.Owner, isReclaim)), out held);

    /// <summary>Sends LOCK for a lock that is held already, once. The caller judges every status.</summary>
    public NfsStatus LockAgain(StateId held, out StateId advanced)
    {
        CompoundCall call = new();
        Send(call, cache: true, (ref XdrWriter writer) =>
        {
            FileHandle.EncodePut(ref writer, state.Handle);
            Locking.EncodeAgain(ref writer, held);
        });
        return DecodeLock(call, out advanced);
    }

    /// <summary>Reads the record by its name. Null when there is no record or it can't be read.</summary>
    public ReadOnlyMemory<byte>? ReadRecord(string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        CompoundCall call = ExecuteReadRecord(names);
        // A writer of the record replaces the record by a new file. Between LOOKUP and READ the found file may vanish, while the name leads
        // to the new file.
        for (int again = 0; again < RecordReplacements && call.Status is NfsStatus.Stale or NfsStatus.FhExpired; again++)
            call = ExecuteReadRecord(names);
        // NFS4ERR_EXPIRED tells nothing about the record. The client as a whole has expired, and must present itself to the server first.
        if (call.Status == NfsStatus.Expired)
            throw session.ForgetClient(call.Status);
        if (call.Status != NfsStatus.Ok)
            return null;
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutRootFh);
        foreach (string _ in names)
            CompoundCall.Expect(ref reader, OperationCode.Lookup);
        CompoundCall.Expect(ref reader, OperationCode.Read);
        (_, int count) = Read.DecodeHead(ref reader, IOwnershipProof.RecordLimitBytes);
        return reader.ReadFixed(count).ToArray();
    }

    /// <summary>The status of each state ID; null when the server does not support TEST_STATEID.</summary>
    public NfsStatus[]? TestStates(StateId[] ids)
    {
        CompoundCall call = Execute((ref XdrWriter writer) => StateIdCheck.EncodeTest(ref writer, ids));
        if (call.Status != NfsStatus.Ok)
            return null;
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.TestStateId);
        return StateIdCheck.DecodeTest(ref reader, ids.Length);
    }

    public void Free(StateId id) => Execute((ref XdrWriter writer) => StateIdCheck.EncodeFree(ref writer, id));

    /// <summary>The status of a READ with the file's current state ID.</summary>
    public NfsStatus ReadOneByte() => ExecuteOnFile((ref XdrWriter writer) => Read.Encode(ref writer, state.StateId, 0, 1)).Status;

    /// <summary>Gives up the granted state. A default value stands for state that was not granted.</summary>
    public void GiveBack(StateId open, StateId held)
    {
        if (held != default)
            ExecuteOnFile((ref XdrWriter writer) => Locking.EncodeUnlock(ref writer, held));
        if (open != default)
            ExecuteOnFile((ref XdrWriter writer) => Close.Encode(ref writer, open));
    }

    private static NfsStatus DecodeLock(CompoundCall call, out StateId held)
    {
        held = default;
        if (call.Status != NfsStatus.Ok)
            return call.Status;
        XdrReader reader = call.ResultOf(OperationCode.Lock);
        held = StateId.Read(ref reader);
        return NfsStatus.Ok;
    }

    /// <summary>Reads without asking the server to keep the answer: the request changes nothing and may be executed twice.</summary>
    private CompoundCall ExecuteReadRecord(string[] names) => Execute(
        (ref XdrWriter writer) =>
        {
            FileHandle.EncodePutRoot(ref writer);
            foreach (string name in names)
                Lookup.Encode(ref writer, name);
            Read.Encode(ref writer, StateId.Anonymous, 0, IOwnershipProof.RecordLimitBytes);
        },
        cache: false);

    private CompoundCall ExecuteOnFile(CompoundEncoder encode) => Execute((ref XdrWriter writer) =>
    {
        FileHandle.EncodePut(ref writer, state.Handle);
        encode(ref writer);
    });

    private CompoundCall Execute(CompoundEncoder encode, bool cache = true)
    {
        while (true)
        {
            CompoundCall call = new();
            NfsStatus status = Send(call, cache, encode);
            if (!RepeatedRequest.IsLater(status) && (cache || status != NfsStatus.RetryUncachedRep))
                return call;
            session.Pause(_pause);
        }
    }

    private NfsStatus Send(CompoundCall call, bool cache, CompoundEncoder encode)
    {
        XdrWriter writer = session.Begin(call, cache, inline: true);
        encode(ref writer);
        call.End(writer);
        return session.Execute(call);
    }
}
