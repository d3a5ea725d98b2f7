using System.Text;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>LOCK, LOCKT and LOCKU of a whole file for writing, RFC 8881 sections 18.10 to 18.12.</summary>
internal static class Locking
{
    private const uint WriteLock = 2;
    private const ulong WholeFile = ulong.MaxValue;
    private const int MaxOwnerBytes = 1024;

    /// <summary>LOCK by a new lock owner under an open. <paramref name="reclaim"/> is allowed in the grace period only.</summary>
    public static void Encode(ref XdrWriter writer, StateId open, ulong clientId, ReadOnlySpan<byte> owner, bool reclaim)
    {
        writer.WriteOperation(OperationCode.Lock);
        writer.WriteUInt32(WriteLock);
        writer.WriteBool(reclaim);
        writer.WriteUInt64(0);
        writer.WriteUInt64(WholeFile);
        writer.WriteBool(true);
        writer.WriteUInt32(0);
        open.Write(ref writer);
        writer.WriteUInt32(0);
        writer.WriteUInt64(clientId);
        writer.WriteOpaque(owner);
    }

    /// <summary>
    /// LOCK of the whole file by the owner of <paramref name="held"/>, which holds that lock already. The request only advances the state
    /// ID.
    /// </summary>
    public static void EncodeAgain(ref XdrWriter writer, StateId held)
    {
        writer.WriteOperation(OperationCode.Lock);
        writer.WriteUInt32(WriteLock);
        writer.WriteBool(false);
        writer.WriteUInt64(0);
        writer.WriteUInt64(WholeFile);
        writer.WriteBool(false);
        held.Write(ref writer);
        writer.WriteUInt32(0);
    }

    public static void EncodeTest(ref XdrWriter writer, ulong clientId, ReadOnlySpan<byte> owner)
    {
        writer.WriteOperation(OperationCode.LockT);
        writer.WriteUInt32(WriteLock);
        writer.WriteUInt64(0);
        writer.WriteUInt64(WholeFile);
        writer.WriteUInt64(clientId);
        writer.WriteOpaque(owner);
    }

    public static void EncodeUnlock(ref XdrWriter writer, StateId held)
    {
        writer.WriteOperation(OperationCode.LockU);
        writer.WriteUInt32(WriteLock);
        writer.WriteUInt32(0);
        held.Write(ref writer);
        writer.WriteUInt64(0);
        writer.WriteUInt64(WholeFile);
    }

    /// <summary>The result that comes with the status NFS4ERR_DENIED of LOCK and LOCKT.</summary>
    public static NfsLockHolder DecodeDenied(ref XdrReader reader)
    {
        reader.ReadUInt64();
        reader.ReadUInt64();
        reader.ReadUInt32();
        ulong clientId = reader.ReadUInt64();
        return new NfsLockHolder(clientId, Printable(reader.ReadOpaque(MaxOwnerBytes)));
    }

    private static string Printable(ReadOnlySpan<byte> owner)
    {
        const int MaxShownBytes = 128;
        StringBuilder text = new();
        foreach (byte b in owner[..Math.Min(owner.Length, MaxShownBytes)])
            text.Append(b is >= 0x20 and < 0x7f ? (char)b : '.');
        return text.ToString();
    }
}
