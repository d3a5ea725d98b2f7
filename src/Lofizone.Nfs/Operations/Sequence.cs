using System.Buffers.Binary;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// SEQUENCE, RFC 8881 section 18.46, the first operation of every request within a session. The operation is encoded with empty fields,
/// which are filled in when the request gets its slot.
/// </summary>
internal static class Sequence
{
    /// <summary>
    /// SEQ4_STATUS_EXPIRED_ALL_STATE_REVOKED, EXPIRED_SOME_STATE_REVOKED, ADMIN_STATE_REVOKED, RECALLABLE_STATE_REVOKED and LEASE_MOVED:
    /// some of this client's state may be gone. The flags stay up until the client has found out which state is gone, and has freed that
    /// state.
    /// </summary>
    public const uint StateMayBeGone = 0x08 | 0x10 | 0x20 | 0x40 | 0x80;

    /// <summary>SEQ4_STATUS_RESTART_RECLAIM_NEEDED: the server restarted and kept the session but not the state.</summary>
    public const uint RestartReclaimNeeded = 0x100;

    /// <summary>SEQ4_STATUS_BACKCHANNEL_FAULT: the session's back channel can't be repaired, and the session must be replaced.</summary>
    public const uint BackChannelFault = 0x400;

    /// <summary>Result of SEQUENCE.</summary>
    public readonly record struct Result(
        SessionId Session, uint SequenceId, uint Slot, uint HighestSlot, uint TargetHighestSlot, uint Flags);

    /// <summary>Encodes with empty fields.</summary>
    /// <returns>Position of the fields, for <see cref="Fill"/>.</returns>
    public static int Encode(ref XdrWriter writer, bool cache)
    {
        writer.WriteOperation(OperationCode.Sequence);
        int fields = writer.Position;
        new SessionId(0, 0).Write(ref writer);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteBool(cache);
        return fields;
    }

    public static void Fill(Span<byte> fields, SessionId session, uint sequenceId, uint slot, uint highestSlot)
    {
        session.Write(fields);
        BinaryPrimitives.WriteUInt32BigEndian(fields[16..], sequenceId);
        BinaryPrimitives.WriteUInt32BigEndian(fields[20..], slot);
        BinaryPrimitives.WriteUInt32BigEndian(fields[24..], highestSlot);
    }

    public static Result Decode(ref XdrReader reader) =>
        new(
            SessionId.Read(ref reader),
            reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32());
}
