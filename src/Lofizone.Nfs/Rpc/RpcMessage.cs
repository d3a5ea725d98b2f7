using System.Buffers.Binary;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Rpc;

/// <summary>Call and reply headers of ONC RPC version 2 (RFC 5531 sections 9 and 11) with an AUTH_SYS credential (appendix A).</summary>
internal static class RpcMessage
{
    /// <summary>Size of the record mark (RFC 5531 section 11), bytes. The mark's highest bit is set for the last fragment.</summary>
    public const int RecordMarkBytes = 4;

    /// <summary>Highest bit of a record mark.</summary>
    public const uint LastFragment = 0x80000000;

    /// <summary>Longest verifier (RFC 5531 section 8.2), bytes.</summary>
    private const int MaxAuthBytes = 400;

    private const uint Call = 0;
    private const uint Reply = 1;
    private const uint RpcVersion = 2;
    private const uint NfsProgram = 100003;
    private const uint NfsVersion = 4;
    private const uint NullProcedure = 0;
    private const uint CompoundProcedure = 1;
    private const uint AuthNone = 0;
    private const uint AuthSys = 1;
    private const int MaxMachineNameBytes = 255;

    /// <summary>Builds the part of a COMPOUND call up to its tag. Record mark and transaction ID are left empty.</summary>
    public static byte[] BuildPrefix(string machineName, uint uid, uint gid)
    {
        Span<byte> credential = stackalloc byte[512];
        XdrWriter body = new(credential);
        body.WriteUInt32(0);
        body.WriteString(machineName.Length <= MaxMachineNameBytes / 4 ? machineName : machineName[..(MaxMachineNameBytes / 4)]);
        body.WriteUInt32(uid);
        body.WriteUInt32(gid);
        body.WriteUInt32(0);

        Span<byte> buffer = stackalloc byte[1024];
        XdrWriter writer = new(buffer);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteUInt32(Call);
        writer.WriteUInt32(RpcVersion);
        writer.WriteUInt32(NfsProgram);
        writer.WriteUInt32(NfsVersion);
        writer.WriteUInt32(CompoundProcedure);
        writer.WriteUInt32(AuthSys);
        writer.WriteOpaque(credential[..body.Position]);
        writer.WriteUInt32(AuthNone);
        writer.WriteUInt32(0);
        return buffer[..writer.Position].ToArray();
    }

    /// <summary>
    /// Builds a NULL call (RFC 7530 section 16.1) with its record mark. The transaction ID is left empty. Every server answers NULL without
    /// looking at any file.
    /// </summary>
    public static byte[] BuildNullCall() => BuildEmptyCall(NfsProgram, NfsVersion, NullProcedure);

    /// <summary>Builds a call of any procedure without arguments and credential. The transaction ID is left empty.</summary>
    public static byte[] BuildEmptyCall(uint program, uint version, uint procedure)
    {
        byte[] call = new byte[RecordMarkBytes + (10 * sizeof(uint))];
        XdrWriter writer = new(call);
        writer.WriteUInt32(LastFragment | (uint)(call.Length - RecordMarkBytes));
        writer.WriteUInt32(0);
        writer.WriteUInt32(Call);
        writer.WriteUInt32(RpcVersion);
        writer.WriteUInt32(program);
        writer.WriteUInt32(version);
        writer.WriteUInt32(procedure);
        writer.WriteUInt32(AuthNone);
        writer.WriteUInt32(0);
        writer.WriteUInt32(AuthNone);
        writer.WriteUInt32(0);
        return call;
    }

    /// <summary>Fills in the transaction ID of an encoded call.</summary>
    public static void SetXid(Span<byte> call, uint xid) => BinaryPrimitives.WriteUInt32BigEndian(call[RecordMarkBytes..], xid);

    /// <summary>
    /// Reads a reply's header behind the transaction ID. Null when the call was executed; otherwise the reason why the call was not
    /// executed.
    /// </summary>
    public static RpcRefusal? DecodeReplyHead(ref XdrReader reader)
    {
        if (reader.ReadUInt32() != Reply)
            throw new XdrException("a call where a reply was due");
        switch (reader.ReadUInt32())
        {
            case 0:
                reader.ReadUInt32();
                reader.ReadOpaque(MaxAuthBytes);
                return DescribeAccepted(ref reader);
            case 1:
                return reader.ReadUInt32() == 0
                    ? new RpcRefusal("the server speaks another RPC version")
                    : new RpcRefusal(DescribeAuthentication(reader.ReadUInt32()));
            default:
                throw new XdrException("a reply neither accepted nor denied");
        }
    }

    private static RpcRefusal? DescribeAccepted(ref XdrReader reader) => reader.ReadUInt32() switch
    {
        0 => null,
        1 => new RpcRefusal("the server does not speak NFS on this port"),
        2 => DescribeVersions(lowest: reader.ReadUInt32(), highest: reader.ReadUInt32()),
        3 => new RpcRefusal("the server does not know COMPOUND"),
        4 => new RpcRefusal("the server could not decode the request"),
        _ => new RpcRefusal("the server failed inside its RPC layer"),
    };

    private static RpcRefusal DescribeVersions(uint lowest, uint highest)
    {
        if (highest >= NfsVersion || lowest > highest)
            return new RpcRefusal("the server does not speak NFS version 4");
        string spoken = lowest == highest ? $"{highest}" : $"{lowest} to {highest}";
        return new RpcRefusal($"the server speaks NFS {spoken} only; 4.1 or 4.2 is needed", SpeaksOlderOnly: true);
    }

    private static string DescribeAuthentication(uint status) => status switch
    {
        1 or 2 => "the server rejects the AUTH_SYS credential",
        5 => "the server wants a stronger security flavour than AUTH_SYS",
        _ => $"the server refuses the credential (auth_stat {status})",
    };
}
