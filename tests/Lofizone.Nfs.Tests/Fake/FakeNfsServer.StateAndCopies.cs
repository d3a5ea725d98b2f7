using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>Revoked state and tests of state, names, and the operations of NFSv4.2 (RFC 7862 section 15) except DEALLOCATE.</summary>
internal sealed partial class FakeNfsServer
{
    private const uint AllStateRevoked = 0x08;

    /// <summary>Space is allocated in blocks of this size, so that SEEK finds holes.</summary>
    private const int HoleBytes = 512;

    private readonly Dictionary<StateId, long> _copies = [];
    private FakeFile? _saved;
    private int _statusPolls;

    /// <summary>sr_status_flags of every SEQUENCE, besides the flags that the server sets by itself.</summary>
    public uint StatusFlags { get; set; }

    /// <summary>sr_status_flags of the next SEQUENCEs, one for each.</summary>
    public Queue<uint> NextStatusFlags { get; } = new();

    /// <summary>SEQUENCE tells SEQ4_STATUS_EXPIRED_ALL_STATE_REVOKED until the client has freed all revoked state.</summary>
    public bool TellsRevoked { get; set; }

    /// <summary>Number of OFFLOAD_STATUS after which an asynchronous COPY is done; null for a synchronous COPY.</summary>
    public int? CopyPolls { get; set; }

    /// <summary>Most bytes of one COPY.</summary>
    public long MostCopyBytes { get; set; } = long.MaxValue;

    /// <summary>Number of revoked state IDs that the client has not freed.</summary>
    public int RevokedLeft
    {
        get
        {
            lock (_gate)
                return _expired.Count;
        }
    }

    /// <summary>Makes a file with stable content, as another client leaves it.</summary>
    public void Put(string name, byte[] content)
    {
        lock (_gate)
        {
            FakeFile file = _files[name] = new FakeFile(name);
            file.Write(0, content, stable: true);
        }
    }

    /// <summary>Another client removes a file.</summary>
    public void Remove(string name)
    {
        lock (_gate)
            _files.Remove(name);
    }

    public void PutSymbolicLink(string name)
    {
        lock (_gate)
            _files[name] = new FakeFile(name) { IsSymbolicLink = true };
    }

    /// <summary>Names of all files.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _files.Keys];
        }
    }

    /// <summary>Number of opens and locks that are held.</summary>
    public int StateCount
    {
        get
        {
            lock (_gate)
                return _heldState.Count;
        }
    }

    public bool Exists(string name)
    {
        lock (_gate)
            return _files.ContainsKey(name);
    }

    /// <summary>Gives another client a lock of the file.</summary>
    public void LockByAnother(string name)
    {
        lock (_gate)
        {
            FakeClient other = new(++_ids, "another"u8.ToArray(), 1);
            FakeHeld held = new(new StateId(1, ++_ids, (uint)_boot), other, "616E6F74686572", _files[name], DenyWrite: true, IsLock: true);
            _heldState[held.Id] = held;
        }
    }

    private uint TakeStatusFlags() =>
        StatusFlags | (NextStatusFlags.TryDequeue(out uint once) ? once : 0) | (TellsRevoked && _expired.Count > 0 ? AllStateRevoked : 0);

    private NfsStatus DoStateIds(FakeOperation operation, ref XdrWriter result)
    {
        if (operation.Code == OperationCode.FreeStateId)
            return _expired.Remove(operation.StateId) ? NfsStatus.Ok : _heldState.ContainsKey(operation.StateId) ? NfsStatus.LocksHeld : NfsStatus.BadStateId;
        result.WriteUInt32((uint)operation.StateIds.Count);
        foreach (StateId id in operation.StateIds)
            result.WriteUInt32((uint)FindState(id));
        return NfsStatus.Ok;
    }

    private NfsStatus DoNames(FakeOperation operation, ref XdrWriter result)
    {
        switch (operation.Code)
        {
            case OperationCode.Create:
                return _files.TryAdd(operation.Name, new FakeFile(operation.Name) { IsDirectory = true, Modified = operation.Modified }) ? NfsStatus.Ok : NfsStatus.Exist;
            case OperationCode.Remove:
                if (!_files.Remove(operation.Name))
                    return NfsStatus.NoEnt;
                result.WriteFixed(new byte[20]);
                return NfsStatus.Ok;
            default:
                if (!_files.Remove(operation.Name, out FakeFile? moved))
                    return NfsStatus.NoEnt;
                _files[operation.NewName] = moved;
                return NfsStatus.Ok;
        }
    }

    private static NfsStatus DoSeek(FakeOperation operation, FakeFile file, ref XdrWriter result)
    {
        if (operation.Offset >= file.Size)
            return NfsStatus.Nxio;
        byte[] content = file.Current;
        for (long at = operation.Offset; at < content.Length; at = (at / HoleBytes + 1) * HoleBytes)
        {
            long block = at / HoleBytes * HoleBytes;
            bool isHole = !content.AsSpan((int)block, (int)Math.Min(HoleBytes, content.Length - block)).ContainsAnyExcept((byte)0);
            if (isHole != operation.Flag)
                continue;
            result.WriteBool(false);
            result.WriteInt64(at);
            return NfsStatus.Ok;
        }
        if (!operation.Flag)
            return NfsStatus.Nxio;
        result.WriteBool(true);
        result.WriteInt64(content.Length);
        return NfsStatus.Ok;
    }

    private NfsStatus DoCopy(FakeOperation operation, FakeFile target, ref XdrWriter result)
    {
        if (_saved is not { } source)
            return NfsStatus.NoFileHandle;
        if (FindState(operation.Target) is not NfsStatus.Ok and var lost)
            return lost;
        if (operation.Offset + operation.Length > source.Size)
            return NfsStatus.Inval;
        bool clone = operation.Code == OperationCode.Clone;
        bool later = CopyPolls is not null && !clone;
        if (later && operation.Flag)
        {
            result.WriteBool(true);
            result.WriteBool(false);
            return NfsStatus.OffloadNoReqs;
        }
        long count = clone ? operation.Length : Math.Min(operation.Length, MostCopyBytes);
        target.Write(operation.TargetOffset, source.Read(operation.Offset, (int)count).ToArray(), stable: clone);
        if (clone)
            return NfsStatus.Ok;
        result.WriteUInt32(later ? 1u : 0u);
        if (later)
        {
            StateId running = new(1, ++_ids, (uint)_boot);
            _copies[running] = count;
            _statusPolls = 0;
            running.Write(ref result);
        }
        result.WriteInt64(later ? 0 : count);
        result.WriteUInt32((uint)Stability.Unstable);
        result.WriteUInt64(WriteVerifier);
        result.WriteBool(true);
        result.WriteBool(!later);
        return NfsStatus.Ok;
    }

    private NfsStatus DoOffload(FakeOperation operation, ref XdrWriter result)
    {
        if (!_copies.TryGetValue(operation.StateId, out long count))
            return NfsStatus.BadStateId;
        if (operation.Code == OperationCode.OffloadCancel)
            return _copies.Remove(operation.StateId) ? NfsStatus.Ok : NfsStatus.BadStateId;
        bool through = ++_statusPolls > CopyPolls;
        result.WriteInt64(through ? count : count / 2);
        result.WriteUInt32(through ? 1u : 0u);
        if (through)
            result.WriteUInt32((uint)NfsStatus.Ok);
        return NfsStatus.Ok;
    }
}
