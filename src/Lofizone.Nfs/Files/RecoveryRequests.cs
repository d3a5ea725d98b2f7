using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>The requests by which the session's thread recovers a file's state; each is repeated while the server says "later".</summary>
internal sealed class RecoveryRequests(NfsSession session, FileState state)
{
    /// <summary>How often a record may be replaced while it is looked at.</summary>
    private const int RecordReplacements = 10;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>OPEN of the file by its handle; a reclaim in the server's grace period only.</summary>
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

    /// <summary>LOCK of the whole file under that open.</summary>
    public NfsStatus Lock(StateId open, bool isReclaim, out StateId held) => DecodeLock(
        ExecuteOnFile((ref XdrWriter writer) => Locking.Encode(ref writer, open, session.ClientId, state.Owner, isReclaim)), out held);

    /// <summary>LOCK of what is held already, once: every status is the caller's to judge.</summary>
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

    /// <summary>The record as it is now, found by its name; null when there is none or it can't be read.</summary>
    public ReadOnlyMemory<byte>? ReadRecord(string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        CompoundCall call = ExecuteReadRecord(names);
        // A writer of the record replaces it by a new file: between LOOKUP and READ the one that was found may be gone, and another one is
        // there.
        for (int again = 0; again < RecordReplacements && call.Status is NfsStatus.Stale or NfsStatus.FhExpired; again++)
            call = ExecuteReadRecord(names);
        // This says nothing of the record: the client as a whole has expired, and must make itself known before it is told anything.
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

    /// <summary>The status of each state ID; null when the server has no TEST_STATEID.</summary>
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

    /// <summary>Whether the server takes a READ with the state as it is now.</summary>
    public NfsStatus ReadOneByte() => ExecuteOnFile((ref XdrWriter writer) => Read.Encode(ref writer, state.StateId, 0, 1)).Status;

    /// <summary>Gives up what was granted; default stands for what was not.</summary>
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

    /// <summary>The server need not keep the answer: the request changes nothing and may be executed again.</summary>
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
            if (!Requests.IsLater(status) && (cache || status != NfsStatus.RetryUncachedRep))
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
