using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>EXCHANGE_ID, RFC 8881 section 18.35: presents this client under its owner, without state protection.</summary>
internal static class ExchangeId
{
    private const uint UseNonPnfs = 0x00010000;
    private const int MaxOpaqueBytes = 1024;
    private const uint ProtectNone = 0;

    /// <summary>Result: this client's ID at the server, and the server's own identity.</summary>
    public sealed record Result(ulong ClientId, uint SequenceId, uint Flags, string ServerOwner, string ServerScope);

    public static void Encode(ref XdrWriter writer, ulong verifier, ReadOnlySpan<byte> owner)
    {
        writer.WriteOperation(OperationCode.ExchangeId);
        writer.WriteUInt64(verifier);
        writer.WriteOpaque(owner);
        writer.WriteUInt32(UseNonPnfs);
        writer.WriteUInt32(ProtectNone);
        writer.WriteUInt32(0);
    }

    public static Result Decode(ref XdrReader reader)
    {
        ulong clientId = reader.ReadUInt64();
        uint sequence = reader.ReadUInt32();
        uint flags = reader.ReadUInt32();
        if (reader.ReadUInt32() != ProtectNone)
            throw new XdrException("state protection that was not asked for");
        reader.ReadUInt64();
        string serverOwner = Convert.ToHexStringLower(reader.ReadOpaque(MaxOpaqueBytes));
        string scope = Convert.ToHexStringLower(reader.ReadOpaque(MaxOpaqueBytes));
        return new Result(clientId, sequence, flags, serverOwner, scope);
    }
}
