using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// OPEN, RFC 8881 section 18.16, by name in the current directory, by handle, or as a reclaim of the current file. The client wants no
/// delegation.
/// </summary>
internal static class Open
{
    private const uint AccessRead = 1;
    private const uint AccessBoth = 3;
    private const uint WantNoDelegation = 0x400;
    private const uint DenyNone = 0;
    private const uint DenyWrite = 2;
    private const uint OpenCreate = 1;
    private const uint CreateUnchecked = 0;
    private const uint CreateGuarded = 1;
    private const uint CreateExclusive = 3;
    private const uint ClaimNull = 0;
    private const uint ClaimPrevious = 1;
    private const uint ClaimHandle = 4;
    private const uint NoDelegationBefore = 0;

    /// <summary>OPEN by name (CLAIM_NULL).</summary>
    /// <param name="writer">The request.</param>
    /// <param name="clientId">Client ID of the open's owner.</param>
    /// <param name="owner">The open owner.</param>
    /// <param name="name">Name in the current directory.</param>
    /// <param name="options">Options of the open.</param>
    /// <param name="verifier">
    /// For a file that must not exist yet (EXCLUSIVE4_1). The server uses the verifier to recognize a repeated request.
    /// </param>
    public static void Encode(
        ref XdrWriter writer, ulong clientId, ReadOnlySpan<byte> owner, string name, NfsOpenOptions options, ulong? verifier = null)
    {
        EncodeHead(ref writer, clientId, owner, options);
        if (options.Create == NfsCreate.None)
        {
            writer.WriteUInt32(0);
        }
        else
        {
            writer.WriteUInt32(OpenCreate);
            writer.WriteUInt32(
                options.Create == NfsCreate.Unchecked ? CreateUnchecked : verifier is null ? CreateGuarded : CreateExclusive);
            if (options.Create == NfsCreate.Guarded && verifier is { } ours)
                writer.WriteUInt64(ours);
            SetAttr.EncodeAttributes(ref writer, null, options.Mode);
        }
        writer.WriteUInt32(ClaimNull);
        writer.WriteString(name);
    }

    /// <summary>CLAIM_PREVIOUS: reclaims, in the grace period, an open that a restarted server forgot (RFC 8881 section 18.16.3).</summary>
    public static void EncodeReclaim(ref XdrWriter writer, ulong clientId, ReadOnlySpan<byte> owner, NfsOpenOptions options)
    {
        EncodeHead(ref writer, clientId, owner, options);
        writer.WriteUInt32(0);
        writer.WriteUInt32(ClaimPrevious);
        writer.WriteUInt32(NoDelegationBefore);
    }

    /// <summary>CLAIM_FH: opens the current file itself, whatever its present name (RFC 8881 section 18.16.3).</summary>
    public static void EncodeByHandle(ref XdrWriter writer, ulong clientId, ReadOnlySpan<byte> owner, NfsOpenOptions options)
    {
        EncodeHead(ref writer, clientId, owner, options);
        writer.WriteUInt32(0);
        writer.WriteUInt32(ClaimHandle);
    }

    /// <summary>The open's state ID. The rest of the result (change of the directory, delegation) is not used.</summary>
    public static StateId Decode(ref XdrReader reader)
    {
        StateId stateId = StateId.Read(ref reader);
        reader.ReadBool();
        reader.ReadUInt64();
        reader.ReadUInt64();
        reader.ReadUInt32();
        Bitmap.Read(ref reader);
        SkipDelegation(ref reader);
        return stateId;
    }

    private static void EncodeHead(ref XdrWriter writer, ulong clientId, ReadOnlySpan<byte> owner, NfsOpenOptions options)
    {
        writer.WriteOperation(OperationCode.Open);
        writer.WriteUInt32(0);
        writer.WriteUInt32((options.Write ? AccessBoth : AccessRead) | WantNoDelegation);
        writer.WriteUInt32(options.DenyWrite ? DenyWrite : DenyNone);
        writer.WriteUInt64(clientId);
        writer.WriteOpaque(owner);
    }

    private static void SkipDelegation(ref XdrReader reader)
    {
        const uint None = 0;
        const uint NoneExtended = 3;
        const uint WhyContention = 1;
        const uint WhyResource = 2;
        switch (reader.ReadUInt32())
        {
            case None:
                return;
            case NoneExtended:
                if (reader.ReadUInt32() is WhyContention or WhyResource)
                    reader.ReadBool();
                return;
            case uint type:
                throw new XdrException($"delegation of type {type} although none was wanted");
        }
    }
}
