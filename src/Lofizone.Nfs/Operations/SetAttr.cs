using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>SETATTR, RFC 8881 section 18.30, and the fattr4 that CREATE and OPEN carry for a new object.</summary>
internal static class SetAttr
{
    private const int Size = 4;
    private const int Mode = 33;
    private const int TimeModifySet = 54;
    private const uint SetToClientTime = 1;

    public static void Encode(ref XdrWriter writer, StateId stateId, long? size, uint? mode)
    {
        writer.WriteOperation(OperationCode.SetAttr);
        stateId.Write(ref writer);
        EncodeAttributes(ref writer, size, mode);
    }

    /// <summary>Encodes mode and time of last modification of a new object. The maker recognizes the object by the time.</summary>
    public static void EncodeAttributes(ref XdrWriter writer, uint mode, long seconds, uint nanoseconds)
    {
        new Bitmap(0, (1u << (Mode - 32)) | (1u << (TimeModifySet - 32))).Write(ref writer);
        writer.WriteUInt32(4 + 4 + 8 + 4);
        writer.WriteUInt32(mode);
        writer.WriteUInt32(SetToClientTime);
        writer.WriteInt64(seconds);
        writer.WriteUInt32(nanoseconds);
    }

    public static void EncodeAttributes(ref XdrWriter writer, long? size, uint? mode)
    {
        new Bitmap(size is null ? 0 : 1u << Size, mode is null ? 0 : 1u << (Mode - 32)).Write(ref writer);
        writer.WriteUInt32((uint)((size is null ? 0 : 8) + (mode is null ? 0 : 4)));
        if (size is { } bytes)
            writer.WriteUInt64((ulong)bytes);
        if (mode is { } bits)
            writer.WriteUInt32(bits);
    }
}
