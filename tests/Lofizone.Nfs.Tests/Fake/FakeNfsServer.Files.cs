using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>Files, opens and locks: the operations behind SEQUENCE.</summary>
internal sealed partial class FakeNfsServer
{
    private const int WholeFileLockResultBytes = 16;

    /// <summary>ca_maxresponsesize_cached.</summary>
    private const int CachedReplyBytes = 4096;

    private bool _keepsAnswer;
    private int _readsBefore;
    private int _writesBefore;
    private StateId _currentStateId;
    private StateId _savedStateId;

    private readonly Dictionary<string, FakeFile> _files = [];
    private readonly Dictionary<StateId, FakeHeld> _heldState = [];
    private readonly HashSet<StateId> _unlocked = [];
    private readonly HashSet<StateId> _expired = [];

    /// <summary>Most bytes of a WRITE that the server takes. The client must send the rest again.</summary>
    public int MostWriteBytes { get; set; } = int.MaxValue;

    /// <summary>Number of bytes that the server serves of a READ or WRITE with this number of bytes.</summary>
    public Func<int, int> Shorten { get; set; } = bytes => bytes;

    /// <summary>Called with each executed WRITE and DEALLOCATE. The server's gate is held.</summary>
    public Action<FakeOperation> OnChange { get; set; } = _ => { };

    public FakeFile File(string name)
    {
        lock (_gate)
            return _files[name];
    }

    private byte[] ExecuteOperations(FakeRequest request, int first, FakeClient? client, XdrWriter writer, byte[] results)
    {
        _keepsAnswer = request.Sequence?.Flag ?? false;
        FakeFile? current = null;
        (_readsBefore, _writesBefore) = (0, 0);
        NfsStatus status = NfsStatus.Ok;
        int done = first;
        byte[] body = new byte[request.Has(OperationCode.Read) ? ResultBytes : 4096];
        for (; done < request.Operations.Count && status == NfsStatus.Ok; done++)
        {
            FakeOperation operation = request.Operations[done];
            XdrWriter result = new(body);
            if (TryTakeFailure(operation.Code, out status))
                Refuse(operation.Code, status, client, ref result);
            else
                status = Do(WithCurrentState(operation), client, ref current, ref result);
            writer.WriteOperation(operation.Code);
            writer.WriteUInt32((uint)status);
            writer.WriteFixed(body.AsSpan(0, result.Position));
        }
        return Encode(request.Xid, status, done, results.AsSpan(0, writer.Position));
    }

    /// <summary>Replaces the current state ID by the one that an earlier operation has returned (RFC 8881 section 16.2.3.1.2).</summary>
    private FakeOperation WithCurrentState(FakeOperation operation) =>
        operation.StateId == StateId.Current ? operation with { StateId = _currentStateId } : operation;

    /// <summary>Gives a failure that a test has chosen the effects and results that the protocol wants.</summary>
    private void Refuse(OperationCode code, NfsStatus status, FakeClient? client, ref XdrWriter result)
    {
        if (code == OperationCode.Lock && status == NfsStatus.Denied)
            WriteDenied(ref result, 1, "another"u8);
        else if (code == OperationCode.ReclaimComplete && status == NfsStatus.CompleteAlready)
            DoReclaimComplete(client!);
    }

    /// <summary>LOCK4denied (RFC 8881 section 18.10.2).</summary>
    private static void WriteDenied(ref XdrWriter result, ulong client, ReadOnlySpan<byte> owner)
    {
        result.WriteFixed(new byte[WholeFileLockResultBytes]);
        result.WriteUInt32(2);
        result.WriteUInt64(client);
        result.WriteOpaque(owner);
    }

    private NfsStatus Do(FakeOperation operation, FakeClient? client, ref FakeFile? current, ref XdrWriter result)
    {
        switch (operation.Code)
        {
            case OperationCode.ExchangeId:
                return DoExchangeId(operation, ref result);
            case OperationCode.CreateSession:
                return DoCreateSession(operation, ref result);
            case OperationCode.DestroySession:
                return _sessions.Remove(operation.Session) ? NfsStatus.Ok : NfsStatus.BadSession;
            case OperationCode.DestroyClientId:
                return DoDestroyClient(operation.ClientId);
            case OperationCode.BindConnToSession:
                operation.Session.Write(ref result);
                result.WriteUInt32(1);
                result.WriteBool(false);
                return _sessions.ContainsKey(operation.Session) ? NfsStatus.Ok : NfsStatus.BadSession;
        }
        if (client is null)
            return NfsStatus.OpNotInSession;
        switch (operation.Code)
        {
            case OperationCode.ReclaimComplete:
                return DoReclaimComplete(client);
            case OperationCode.PutRootFh:
                current = null;
                return NfsStatus.Ok;
            case OperationCode.PutFh:
                // An open file lives on without a name.
                current = _files.Values.Concat(_heldState.Values.Select(held => held.File)).FirstOrDefault(file => file.Handle.AsSpan().SequenceEqual(operation.Owner));
                return current is not null || operation.Owner.AsSpan().SequenceEqual("root"u8) ? NfsStatus.Ok : NfsStatus.Stale;
            case OperationCode.SaveFh:
                (_saved, _savedStateId) = (current, _currentStateId);
                return NfsStatus.Ok;
            case OperationCode.RestoreFh:
                (current, _currentStateId) = (_saved, _savedStateId);
                return NfsStatus.Ok;
            case OperationCode.TestStateId or OperationCode.FreeStateId:
                return DoStateIds(operation, ref result);
            case OperationCode.Create or OperationCode.Remove or OperationCode.Rename:
                return DoNames(operation, ref result);
            case OperationCode.GetFh:
                result.WriteOpaque(current?.Handle ?? "root"u8);
                return NfsStatus.Ok;
            case OperationCode.Lookup:
                return _files.TryGetValue(operation.Name, out current) ? NfsStatus.Ok : NfsStatus.NoEnt;
            case OperationCode.GetAttr:
                WriteAttributes(ref result, operation.Attributes, current);
                return NfsStatus.Ok;
            case OperationCode.Open:
                return DoOpen(operation, client, ref current, ref result);
            case OperationCode.Close:
                _heldState.Remove(operation.StateId);
                result.WriteFixed(new byte[16]);
                return NfsStatus.Ok;
            case OperationCode.Lock:
                return DoLock(operation, client, current!, ref result);
            case OperationCode.LockU:
                operation.StateId.Write(ref result);
                // A closed state ID stays known with the next sequence ID (RFC 8881 section 18.12.3).
                if (!_heldState.Remove(operation.StateId))
                    return _unlocked.Contains(operation.StateId) ? NfsStatus.OldStateId : NfsStatus.BadStateId;
                _unlocked.Add(operation.StateId);
                return NfsStatus.Ok;
            default:
                return DoIo(operation, client, current!, ref result);
        }
    }

    private NfsStatus DoOpen(FakeOperation operation, FakeClient client, ref FakeFile? current, ref XdrWriter result)
    {
        if (CheckReclaim(operation.Flag, client) is not NfsStatus.Ok and var refused)
            return refused;
        if (!operation.Flag && !operation.ByHandle)
        {
            if (!_files.TryGetValue(operation.Name, out current))
            {
                if (!operation.Create)
                    return NfsStatus.NoEnt;
                _files[operation.Name] = current = new FakeFile(operation.Name) { ExclusiveVerifier = operation.Verifier };
            }
            else if (operation.Create && operation.CreateMode != 0 && (operation.CreateMode == 1 || current.ExclusiveVerifier != operation.Verifier))
            {
                return NfsStatus.Exist;
            }
        }
        FakeFile file = current!;
        string owner = Convert.ToHexString(operation.Owner);
        if (_heldState.Values.Any(held => held.File == file && held.Owner != owner && held.DenyWrite))
            return NfsStatus.ShareDenied;
        FakeHeld open = _heldState.Values.FirstOrDefault(held => held.File == file && held.Owner == owner && !held.IsLock)
            ?? new FakeHeld(new StateId(1, ++_ids, (uint)_boot), client, owner, file, operation.DenyWrite, IsLock: false);
        _heldState[open.Id] = open;
        open.Id.Write(ref result);
        _currentStateId = open.Id;
        result.WriteFixed(new byte[20]);
        result.WriteUInt32(0);
        result.WriteUInt32(0);
        result.WriteUInt32(0);
        return NfsStatus.Ok;
    }

    private NfsStatus DoLock(FakeOperation operation, FakeClient client, FakeFile file, ref XdrWriter result)
    {
        if (CheckReclaim(operation.Flag, client) is not NfsStatus.Ok and var refused)
            return refused;
        if (operation.Again)
            return DoLockAgain(operation.StateId, ref result);
        if (FindState(operation.StateId) is not NfsStatus.Ok and var lost)
            return lost;
        string owner = Convert.ToHexString(operation.Owner);
        FakeHeld? held = _heldState.Values.FirstOrDefault(other => other.File == file && other.IsLock);
        if (held is not null && held.Owner != owner)
        {
            WriteDenied(ref result, held.Client.Id, Convert.FromHexString(held.Owner));
            return NfsStatus.Denied;
        }
        held ??= new FakeHeld(new StateId(1, ++_ids, (uint)_boot), client, owner, file, DenyWrite: false, IsLock: true);
        _heldState[held.Id] = held;
        held.Id.Write(ref result);
        return NfsStatus.Ok;
    }

    /// <summary>Advances the state ID. Sequence ID 0 stands for the newest (RFC 8881 section 8.2.2).</summary>
    private NfsStatus DoLockAgain(StateId id, ref XdrWriter result)
    {
        if (id.Sequence != 0 && FindState(id) is not NfsStatus.Ok and var lost)
            return lost;
        if (_heldState.Values.FirstOrDefault(other => IsSame(other.Id, id)) is not { } held)
            return FindState(id);
        _heldState.Remove(held.Id);
        held = held with { Id = held.Id with { Sequence = held.Id.Sequence + 1 } };
        _heldState[held.Id] = held;
        held.Id.Write(ref result);
        return NfsStatus.Ok;
    }

    private static bool IsSame(StateId a, StateId b) => a.High == b.High && a.Low == b.Low;

    private NfsStatus DoIo(FakeOperation operation, FakeClient client, FakeFile file, ref XdrWriter result)
    {
        if (operation.Code == OperationCode.Commit)
        {
            if (Defect != FakeDefect.ForgetsToCommit)
                file.Commit();
            result.WriteUInt64(WriteVerifier);
            return NfsStatus.Ok;
        }
        if (operation.Code == OperationCode.Read && operation.StateId == StateId.Anonymous)
        {
            // Section 18.22.3.
            if (file.IsSymbolicLink)
                return NfsStatus.Symlink;
            // As ganesha counts: the answer might become as long as what is asked for.
            if (_keepsAnswer && operation.Length >= CachedReplyBytes)
                return NfsStatus.RepTooBigToCache;
            ReadOnlySpan<byte> record = file.Read(operation.Offset, (int)operation.Length);
            result.WriteBool(operation.Offset + record.Length >= file.Size);
            result.WriteOpaque(record);
            return NfsStatus.Ok;
        }
        if (operation.Code is OperationCode.OffloadStatus or OperationCode.OffloadCancel)
            return DoOffload(operation, ref result);
        if (FindState(operation.StateId) is not NfsStatus.Ok and var lost && Defect != FakeDefect.IgnoresStateIds)
            return lost;
        // The holder of a lock writes with the lock's state ID. The open's state ID does not prove that the lock is still held.
        if (operation.Code is not (OperationCode.Read or OperationCode.Seek) && _heldState.TryGetValue(operation.StateId, out FakeHeld? under) && !under.IsLock && _heldState.Values.Any(held => held.File == file && held.IsLock))
            _violations.Add($"{operation.Code} of {client.Owner} under its open while a lock is held");
        switch (operation.Code)
        {
            case OperationCode.Read:
                ReadOnlySpan<byte> data = file.Read(operation.Offset, Shorten((int)operation.Length));
                result.WriteBool(operation.Offset + data.Length >= file.Size);
                if (Defect == FakeDefect.MixesUpPackedReads && _readsBefore++ > 0)
                    data = data.ToArray().Reverse().ToArray();
                result.WriteOpaque(data);
                return NfsStatus.Ok;
            case OperationCode.Write:
                byte[] taken = operation.Data[..Math.Min(Shorten(operation.Data.Length), MostWriteBytes)];
                if (_files.ContainsKey(file.Name))
                    OnChange(operation);
                if (Defect == FakeDefect.MixesUpPackedWrites && _writesBefore++ > 0)
                    taken = [.. taken.Reverse()];
                if (Defect == FakeDefect.WritesTooLittle)
                    taken = taken[..(taken.Length / 2)];
                file.Write(operation.Offset, taken, operation.Stability != Stability.Unstable);
                result.WriteUInt32((uint)(Defect == FakeDefect.WritesTooLittle ? operation.Data.Length : taken.Length));
                result.WriteUInt32((uint)operation.Stability);
                result.WriteUInt64(WriteVerifier);
                return NfsStatus.Ok;
            case OperationCode.Deallocate:
                OnChange(operation);
                file.Deallocate(operation.Offset, operation.Length);
                return NfsStatus.Ok;
            case OperationCode.Allocate:
                file.Allocate(operation.Offset + operation.Length);
                return NfsStatus.Ok;
            case OperationCode.Seek:
                return DoSeek(operation, file, ref result);
            case OperationCode.Copy or OperationCode.Clone:
                return DoCopy(operation, file, ref result);
            case OperationCode.SetAttr:
                file.SetSize(operation.Length);
                result.WriteUInt32(0);
                return NfsStatus.Ok;
            default:
                return NfsStatus.NotSupp;
        }
    }

    private NfsStatus CheckReclaim(bool reclaim, FakeClient client)
    {
        if (reclaim)
            return InGrace && _mayReclaim.Contains(client.Owner) ? NfsStatus.Ok : NfsStatus.NoGrace;
        return InGrace || !client.ReclaimComplete ? NfsStatus.Grace : NfsStatus.Ok;
    }

    private NfsStatus FindState(StateId id)
    {
        if (_heldState.ContainsKey(id))
            return NfsStatus.Ok;
        if (id.Sequence == 0)
            _violations.Add("a state ID with sequence 0, which no request of a predecessor could be told from");
        if (_heldState.Keys.FirstOrDefault(held => IsSame(held, id)) is { Sequence: > 0 } current)
            return id.Sequence < current.Sequence ? NfsStatus.OldStateId : NfsStatus.BadStateId;
        return _expired.Contains(id) ? NfsStatus.Expired : id.Low != (uint)_boot ? NfsStatus.StaleStateId : NfsStatus.BadStateId;
    }

    private void WriteAttributes(ref XdrWriter result, Bitmap wanted, FakeFile? file)
    {
        const int Type = 1, Change = 3, Size = 4, LeaseTime = 10, FileId = 20, TimeModify = 53;
        byte[] values = new byte[128];
        XdrWriter writer = new(values);
        uint mask = wanted.Word0 & Bitmap.Of(Type, Change, Size, LeaseTime, FileId).Word0;
        foreach (int attribute in (ReadOnlySpan<int>)[Type, Change, Size, LeaseTime, FileId])
        {
            if ((mask >> attribute & 1) == 0)
                continue;
            switch (attribute)
            {
                case Type:
                    writer.WriteUInt32(file is null || file.IsDirectory ? 2u : file.IsSymbolicLink ? 5u : 1u);
                    break;
                case LeaseTime:
                    writer.WriteUInt32((uint)Lease.TotalSeconds);
                    break;
                default:
                    writer.WriteUInt64(attribute == Size ? (ulong)(file?.Size ?? 0) : attribute == FileId ? file?.Number ?? 1 : 1);
                    break;
            }
        }
        uint more = file?.Modified is null ? 0 : wanted.Word1 & (1u << (TimeModify - 32));
        if (more != 0)
        {
            writer.WriteInt64(file!.Modified!.Value.Seconds);
            writer.WriteUInt32(file.Modified.Value.Nanoseconds);
        }
        new Bitmap(mask, more).Write(ref result);
        result.WriteOpaque(values.AsSpan(0, writer.Position));
    }
}
