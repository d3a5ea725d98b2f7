using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A request: its bytes behind the record mark, and their meaning.</summary>
internal sealed class FakeRequest
{
    private const int MaxOperations = 64;

    private FakeRequest(byte[] bytes, uint xid, uint minorVersion, IReadOnlyList<FakeOperation> operations) =>
        (Bytes, Xid, MinorVersion, Operations) = (bytes, xid, minorVersion, operations);

    public byte[] Bytes { get; }

    public uint Xid { get; }

    public uint MinorVersion { get; }

    public IReadOnlyList<FakeOperation> Operations { get; }

    /// <summary>SEQUENCE of a request within a session.</summary>
    public FakeOperation? Sequence => Operations.Count > 0 && Operations[0].Code == OperationCode.Sequence ? Operations[0] : null;

    /// <summary>The last operation, which is the purpose of the request.</summary>
    public FakeOperation Main => Operations[^1];

    public bool Has(OperationCode code) => Operations.Any(operation => operation.Code == code);

    public static FakeRequest Read(byte[] bytes)
    {
        XdrReader reader = new(bytes);
        uint xid = reader.ReadUInt32();
        reader.ReadFixed(20);
        for (int i = 0; i < 2; i++)
        {
            reader.ReadUInt32();
            reader.ReadOpaque(400);
        }
        reader.ReadOpaque(1024);
        uint minorVersion = reader.ReadUInt32();
        int count = reader.ReadLength(MaxOperations);
        List<FakeOperation> operations = new(count);
        for (int i = 0; i < count; i++)
            operations.Add(FakeOperation.Read(ref reader));
        if (reader.Remaining != 0)
            throw new XdrException($"{reader.Remaining} bytes behind the last operation");
        return new FakeRequest(bytes, xid, minorVersion, operations);
    }
}
