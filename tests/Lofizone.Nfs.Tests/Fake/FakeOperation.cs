using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>One operation of a request, with the arguments that the fake server reads.</summary>
internal sealed record FakeOperation(OperationCode Code)
{
    public ulong ClientId { get; init; }

    public SessionId Session { get; init; }

    public uint Sequence { get; init; }

    public uint Slot { get; init; }

    public uint Slots { get; init; }

    /// <summary>SEQUENCE: the client asks the server to keep the reply. OPEN and LOCK: reclaim.</summary>
    public bool Flag { get; init; }

    /// <summary>LOCK by an owner that already has a lock.</summary>
    public bool Again { get; init; }

    public bool DenyWrite { get; init; }

    public bool Create { get; init; }

    public byte[] Owner { get; init; } = [];

    public string Name { get; init; } = "";

    public ulong Verifier { get; init; }

    public StateId StateId { get; init; }

    public long Offset { get; init; }

    public long Length { get; init; }

    public Stability Stability { get; init; }

    public byte[] Data { get; init; } = [];

    public Bitmap Attributes { get; init; }

    /// <summary>Target's state ID of COPY and CLONE. TEST_STATEID has its state IDs in <see cref="StateIds"/>.</summary>
    public StateId Target { get; init; }

    public IReadOnlyList<StateId> StateIds { get; init; } = [];

    /// <summary>Offset in the target of COPY and CLONE.</summary>
    public long TargetOffset { get; init; }

    public string NewName { get; init; } = "";

    /// <summary>OPEN: createmode4. The verifier is in <see cref="Verifier"/>.</summary>
    public uint CreateMode { get; init; }

    /// <summary>OPEN of the current file handle (CLAIM_FH).</summary>
    public bool ByHandle { get; init; }

    /// <summary>Time of last modification that CREATE sets.</summary>
    public (long Seconds, uint Nanoseconds)? Modified { get; init; }

    public static FakeOperation Read(ref XdrReader reader)
    {
        FakeOperation operation = new((OperationCode)reader.ReadUInt32());
        switch (operation.Code)
        {
            case OperationCode.PutRootFh or OperationCode.GetFh or OperationCode.SaveFh or OperationCode.RestoreFh:
                return operation;
            case OperationCode.PutFh:
                return operation with { Owner = reader.ReadOpaque(FileHandle.MaxBytes).ToArray() };
            case OperationCode.Lookup:
                return operation with { Name = reader.ReadString(255) };
            case OperationCode.GetAttr:
                return operation with { Attributes = Bitmap.Read(ref reader) };
            case OperationCode.SetAttr:
                operation = operation with { StateId = StateId.Read(ref reader), Attributes = Bitmap.Read(ref reader) };
                reader.ReadUInt32();
                return operation with { Length = reader.ReadInt64() };
            case OperationCode.ExchangeId:
                operation = operation with { Verifier = reader.ReadUInt64(), Owner = reader.ReadOpaque(1024).ToArray() };
                reader.ReadFixed(12);
                return operation;
            case OperationCode.CreateSession:
                return ReadCreateSession(ref reader, operation);
            case OperationCode.DestroySession:
                return operation with { Session = SessionId.Read(ref reader) };
            case OperationCode.BindConnToSession:
                operation = operation with { Session = SessionId.Read(ref reader) };
                reader.ReadFixed(8);
                return operation;
            case OperationCode.DestroyClientId:
                return operation with { ClientId = reader.ReadUInt64() };
            case OperationCode.Sequence:
                operation = operation with { Session = SessionId.Read(ref reader), Sequence = reader.ReadUInt32(), Slot = reader.ReadUInt32() };
                reader.ReadUInt32();
                return operation with { Flag = reader.ReadBool() };
            case OperationCode.ReclaimComplete:
                return operation with { Flag = reader.ReadBool() };
            case OperationCode.Open:
                return ReadOpen(ref reader, operation);
            case OperationCode.Close:
                reader.ReadUInt32();
                return operation with { StateId = StateId.Read(ref reader) };
            case OperationCode.Lock:
                return ReadLock(ref reader, operation);
            case OperationCode.LockU:
                reader.ReadFixed(8);
                operation = operation with { StateId = StateId.Read(ref reader) };
                reader.ReadFixed(16);
                return operation;
            case OperationCode.Read:
                return operation with { StateId = StateId.Read(ref reader), Offset = reader.ReadInt64(), Length = reader.ReadUInt32() };
            case OperationCode.Write:
                operation = operation with { StateId = StateId.Read(ref reader), Offset = reader.ReadInt64(), Stability = (Stability)reader.ReadUInt32() };
                return operation with { Data = reader.ReadOpaque(1 << 20).ToArray() };
            case OperationCode.TestStateId:
                return operation with { StateIds = [.. ReadStateIds(ref reader)] };
            case OperationCode.FreeStateId or OperationCode.OffloadStatus or OperationCode.OffloadCancel:
                return operation with { StateId = StateId.Read(ref reader) };
            case OperationCode.Seek:
                return operation with { StateId = StateId.Read(ref reader), Offset = reader.ReadInt64(), Flag = reader.ReadUInt32() == 1 };
            case OperationCode.Copy or OperationCode.Clone:
                return ReadCopy(ref reader, operation);
            case OperationCode.Create:
                return ReadCreate(ref reader, operation);
            case OperationCode.Remove:
                return operation with { Name = reader.ReadString(255) };
            case OperationCode.Rename:
                return operation with { Name = reader.ReadString(255), NewName = reader.ReadString(255) };
            case OperationCode.Commit:
                return operation with { Offset = reader.ReadInt64(), Length = reader.ReadUInt32() };
            case OperationCode.Deallocate or OperationCode.Allocate:
                return operation with { StateId = StateId.Read(ref reader), Offset = reader.ReadInt64(), Length = reader.ReadInt64() };
            default:
                throw new XdrException($"the fake server does not know operation {operation.Code}");
        }
    }

    private static FakeOperation ReadCreateSession(ref XdrReader reader, FakeOperation operation)
    {
        operation = operation with { ClientId = reader.ReadUInt64(), Sequence = reader.ReadUInt32() };
        reader.ReadUInt32();
        CreateSession.Channel fore = CreateSession.Channel.Read(ref reader);
        CreateSession.Channel.Read(ref reader);
        reader.ReadFixed(12);
        return operation with { Slots = (uint)fore.MaxRequests };
    }

    private static FakeOperation ReadOpen(ref XdrReader reader, FakeOperation operation)
    {
        reader.ReadUInt32();
        reader.ReadUInt32();
        operation = operation with { DenyWrite = reader.ReadUInt32() == 2, ClientId = reader.ReadUInt64(), Owner = reader.ReadOpaque(1024).ToArray() };
        if (reader.ReadUInt32() == 1)
        {
            const uint Exclusive = 3;
            uint mode = reader.ReadUInt32();
            operation = operation with { Create = true, CreateMode = mode, Verifier = mode == Exclusive ? reader.ReadUInt64() : 0 };
            Bitmap.Read(ref reader);
            reader.ReadOpaque(64);
        }
        const uint ClaimNull = 0, ClaimHandle = 4;
        uint claim = reader.ReadUInt32();
        if (claim == ClaimNull)
            return operation with { Name = reader.ReadString(255) };
        if (claim == ClaimHandle)
            return operation with { ByHandle = true };
        reader.ReadUInt32();
        return operation with { Flag = true };
    }

    private static StateId[] ReadStateIds(ref XdrReader reader)
    {
        StateId[] ids = new StateId[reader.ReadLength(64)];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = StateId.Read(ref reader);
        return ids;
    }

    private static FakeOperation ReadCopy(ref XdrReader reader, FakeOperation operation)
    {
        operation = operation with
        {
            StateId = StateId.Read(ref reader),
            Target = StateId.Read(ref reader),
            Offset = reader.ReadInt64(),
            TargetOffset = reader.ReadInt64(),
            Length = reader.ReadInt64(),
        };
        if (operation.Code == OperationCode.Clone)
            return operation;
        reader.ReadBool();
        operation = operation with { Flag = reader.ReadBool() };
        return reader.ReadUInt32() == 0 ? operation : throw new XdrException("a copy from another server");
    }

    private static FakeOperation ReadCreate(ref XdrReader reader, FakeOperation operation)
    {
        reader.ReadUInt32();
        operation = operation with { Name = reader.ReadString(255), Attributes = Bitmap.Read(ref reader) };
        XdrReader values = new(reader.ReadOpaque(64));
        values.ReadUInt32();
        return values.Remaining == 0 || values.ReadUInt32() != 1 ? operation : operation with { Modified = (values.ReadInt64(), values.ReadUInt32()) };
    }

    private static FakeOperation ReadLock(ref XdrReader reader, FakeOperation operation)
    {
        reader.ReadUInt32();
        operation = operation with { Flag = reader.ReadBool() };
        reader.ReadFixed(16);
        operation = operation with { Again = !reader.ReadBool() };
        if (!operation.Again)
            reader.ReadUInt32();
        operation = operation with { StateId = StateId.Read(ref reader) };
        reader.ReadUInt32();
        return operation.Again ? operation : operation with { ClientId = reader.ReadUInt64(), Owner = reader.ReadOpaque(1024).ToArray() };
    }
}
