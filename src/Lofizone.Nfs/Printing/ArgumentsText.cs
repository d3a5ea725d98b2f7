using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Printing;

/// <summary>Arguments of the operations that this client sends, with the field names of RFC 7863.</summary>
internal static class ArgumentsText
{
    private const uint CreateExclusive = 2;
    private const uint CreateExclusive41 = 3;

    private static readonly Dictionary<OperationCode, Field[]> _fields = FieldTypes.Read(
    [
        ([OperationCode.GetFh, OperationCode.PutRootFh, OperationCode.SaveFh, OperationCode.RestoreFh], ""),
        ([OperationCode.Access], "access access"),
        ([OperationCode.Close], "uint32 seqid, stateid open_stateid"),
        ([OperationCode.Commit], "uint64 offset, uint32 count"),
        ([OperationCode.GetAttr], "bitmap attr_request"),
        ([OperationCode.Lookup], "string objname"),
        ([OperationCode.PutFh], "handle object"),
        ([OperationCode.Read], "stateid stateid, uint64 offset, uint32 count"),
        ([OperationCode.ReadDir], "uint64 cookie, hex64 cookieverf, uint32 dircount, uint32 maxcount, bitmap attr_request"),
        ([OperationCode.Remove], "string target"),
        ([OperationCode.Rename], "string oldname, string newname"),
        ([OperationCode.SetAttr], "stateid stateid, newattributes obj_attributes"),
        ([OperationCode.Write], "stateid stateid, uint64 offset, stable stable, data data"),
        ([OperationCode.Lock], "locktype locktype, bool reclaim, uint64 offset, uint64 length, locker new_lock_owner"),
        ([OperationCode.LockT], "locktype locktype, uint64 offset, uint64 length, hex64 clientid, opaque owner"),
        ([OperationCode.LockU], "locktype locktype, uint32 seqid, stateid lock_stateid, uint64 offset, uint64 length"),
        ([OperationCode.BindConnToSession], "sessionid sessid, forechannel dir, bool use_conn_in_rdma_mode"),
        (
            [OperationCode.ExchangeId],
            "hex64 co_verifier, opaque co_ownerid, hex32 flags, protection state_protect, implementation[] client_impl_id"),
        (
            [OperationCode.CreateSession],
            "hex64 clientid, uint32 sequence, sessionflags flags, channel fore_chan_attrs, channel back_chan_attrs, hex32 cb_program, "
            + "security[] cb_secflavor"),
        ([OperationCode.DestroySession], "sessionid sessionid"),
        ([OperationCode.Sequence], "sessionid sessionid, uint32 sequenceid, uint32 slotid, uint32 highest_slotid, bool cachethis"),
        ([OperationCode.TestStateId], "stateid[] stateid"),
        ([OperationCode.DestroyClientId], "hex64 clientid"),
        ([OperationCode.ReclaimComplete], "bool one_fs"),
        ([OperationCode.Allocate, OperationCode.Deallocate], "stateid stateid, uint64 offset, uint64 length"),
        ([OperationCode.Seek], "stateid stateid, uint64 offset, content what"),
        ([OperationCode.FreeStateId, OperationCode.OffloadCancel, OperationCode.OffloadStatus], "stateid stateid"),
        ([OperationCode.Clone], "stateid src_stateid, stateid dst_stateid, uint64 src_offset, uint64 dst_offset, uint64 count"),
        (
            [OperationCode.Copy],
            "stateid src_stateid, stateid dst_stateid, uint64 src_offset, uint64 dst_offset, uint64 count, bool consecutive, "
            + "bool synchronous"),
    ]);

    /// <summary>
    /// Writes the fields of one operation. False when this client does not send the operation, whose end is then not known.
    /// </summary>
    public static bool Write(OperationCode operation, ref FieldText fields)
    {
        if (operation is OperationCode.Create or OperationCode.Open)
            return operation == OperationCode.Open ? Open(ref fields) : Create(ref fields);
        if (!_fields.TryGetValue(operation, out Field[]? layout))
            return false;
        FieldTypes.Write(layout, ref fields);
        // This client never copies from another server, so the addresses of source servers (netloc4) are not read.
        return operation != OperationCode.Copy || fields.UInt32("source_servers") == 0;
    }

    private static bool Create(ref FieldText fields)
    {
        // The other types carry more fields, and this client makes directories only.
        if (fields.Enum("objtype", NfsTypeNames.FileTypes) != (uint)NfsFileType.Directory)
            return false;
        fields.String("objname");
        fields.Attributes("createattrs", set: true);
        return true;
    }

    private static bool Open(ref FieldText fields)
    {
        fields.UInt32("seqid");
        fields.Hex32("share_access");
        fields.Enum("share_deny", "OPEN4_SHARE_DENY_NONE", "OPEN4_SHARE_DENY_READ", "OPEN4_SHARE_DENY_WRITE", "OPEN4_SHARE_DENY_BOTH");
        fields.Hex64("clientid");
        fields.Opaque("owner");
        if (fields.Enum("opentype", "OPEN4_NOCREATE", "OPEN4_CREATE") == 1)
        {
            uint mode = fields.Enum("createmode", "UNCHECKED4", "GUARDED4", "EXCLUSIVE4", "EXCLUSIVE4_1");
            if (mode is CreateExclusive or CreateExclusive41)
                fields.Hex64("createverf");
            if (mode != CreateExclusive)
                fields.Attributes("createattrs", set: true);
        }
        switch (fields.Enum("claim", NfsTypeNames.Claims))
        {
            case 0:
                fields.String("file");
                return true;
            case 1:
                fields.Enum("delegate_type", "OPEN_DELEGATE_NONE", "OPEN_DELEGATE_READ", "OPEN_DELEGATE_WRITE", "OPEN_DELEGATE_NONE_EXT");
                return true;
            case 4:
                return true;
            default:
                return false;
        }
    }
}
