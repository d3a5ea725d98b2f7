using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Printing;

/// <summary>Arguments of the operations that this client sends, with the field names of RFC 7863.</summary>
internal static class ArgumentsText
{
    private const uint CreateExclusive = 2;
    private const uint CreateExclusive41 = 3;

    /// <summary>
    /// Writes the fields of one operation. False when this client does not send the operation, whose end is then not known.
    /// </summary>
    public static bool Write(OperationCode operation, ref FieldText fields)
    {
        switch (operation)
        {
            case OperationCode.GetFh or OperationCode.PutRootFh or OperationCode.SaveFh or OperationCode.RestoreFh:
                return true;
            case OperationCode.Access:
                fields.Flags("access", NfsTypeNames.Access);
                return true;
            case OperationCode.Close:
                fields.UInt32("seqid");
                fields.StateId("open_stateid");
                return true;
            case OperationCode.Commit:
                fields.UInt64("offset");
                fields.UInt32("count");
                return true;
            case OperationCode.Create:
                return Create(ref fields);
            case OperationCode.GetAttr:
                fields.Bitmap("attr_request");
                return true;
            case OperationCode.Lookup:
                fields.String("objname");
                return true;
            case OperationCode.Open:
                return Open(ref fields);
            case OperationCode.PutFh:
                fields.Opaque("object", Operations.FileHandle.MaxBytes);
                return true;
            case OperationCode.Read:
                fields.StateId("stateid");
                fields.UInt64("offset");
                fields.UInt32("count");
                return true;
            case OperationCode.ReadDir:
                fields.UInt64("cookie");
                fields.Hex64("cookieverf");
                fields.UInt32("dircount");
                fields.UInt32("maxcount");
                fields.Bitmap("attr_request");
                return true;
            case OperationCode.Remove:
                fields.String("target");
                return true;
            case OperationCode.Rename:
                fields.String("oldname");
                fields.String("newname");
                return true;
            case OperationCode.SetAttr:
                fields.StateId("stateid");
                fields.Attributes("obj_attributes", set: true);
                return true;
            case OperationCode.Write:
                fields.StateId("stateid");
                fields.UInt64("offset");
                fields.Enum("stable", NfsTypeNames.Stable);
                fields.Data("data");
                return true;
            case OperationCode.Lock or OperationCode.LockT or OperationCode.LockU:
                Lock(operation, ref fields);
                return true;
            case OperationCode.BindConnToSession or OperationCode.ExchangeId or OperationCode.CreateSession or OperationCode.DestroySession
                or OperationCode.Sequence or OperationCode.TestStateId or OperationCode.FreeStateId or OperationCode.DestroyClientId
                or OperationCode.ReclaimComplete:
                Session(operation, ref fields);
                return true;
            default:
                return Space(operation, ref fields);
        }
    }

    private static void Session(OperationCode operation, ref FieldText fields)
    {
        switch (operation)
        {
            case OperationCode.BindConnToSession:
                fields.SessionId("sessid");
                fields.Enum("dir", "", "CDFC4_FORE", "CDFC4_BACK", "CDFC4_FORE_OR_BOTH");
                fields.Bool("use_conn_in_rdma_mode");
                break;
            case OperationCode.ExchangeId:
                fields.Hex64("co_verifier");
                fields.Opaque("co_ownerid");
                fields.Hex32("flags");
                fields.Enum("state_protect", "SP4_NONE", "SP4_MACH_CRED", "SP4_SSV");
                SessionText.Implementation("client_impl_id", ref fields);
                break;
            case OperationCode.CreateSession:
                fields.Hex64("clientid");
                fields.UInt32("sequence");
                fields.Flags("flags", "PERSIST", "CONN_BACK_CHAN", "CONN_RDMA");
                SessionText.Channel("fore_chan_attrs", ref fields);
                SessionText.Channel("back_chan_attrs", ref fields);
                fields.Hex32("cb_program");
                // callback_sec_parms4: this client offers AUTH_NONE alone, which has no fields.
                for (int left = fields.Count(); left > 0; left--)
                    fields.Enum("cb_secflavor", "AUTH_NONE");
                break;
            case OperationCode.DestroySession:
                fields.SessionId("sessionid");
                break;
            case OperationCode.Sequence:
                fields.SessionId("sessionid");
                fields.UInt32("sequenceid");
                fields.UInt32("slotid");
                fields.UInt32("highest_slotid");
                fields.Bool("cachethis");
                break;
            case OperationCode.TestStateId:
                for (int left = fields.Count(); left > 0; left--)
                    fields.StateId("stateid");
                break;
            case OperationCode.FreeStateId:
                fields.StateId("stateid");
                break;
            case OperationCode.DestroyClientId:
                fields.Hex64("clientid");
                break;
            case OperationCode.ReclaimComplete:
                fields.Bool("one_fs");
                break;
        }
    }

    /// <summary>Operations of RFC 7862.</summary>
    private static bool Space(OperationCode operation, ref FieldText fields)
    {
        switch (operation)
        {
            case OperationCode.Allocate or OperationCode.Deallocate:
                fields.StateId("stateid");
                fields.UInt64("offset");
                fields.UInt64("length");
                return true;
            case OperationCode.Seek:
                fields.StateId("stateid");
                fields.UInt64("offset");
                fields.Enum("what", "NFS4_CONTENT_DATA", "NFS4_CONTENT_HOLE");
                return true;
            case OperationCode.OffloadCancel or OperationCode.OffloadStatus:
                fields.StateId("stateid");
                return true;
            case OperationCode.Copy or OperationCode.Clone:
                fields.StateId("src_stateid");
                fields.StateId("dst_stateid");
                fields.UInt64("src_offset");
                fields.UInt64("dst_offset");
                fields.UInt64("count");
                if (operation == OperationCode.Clone)
                    return true;
                fields.Bool("consecutive");
                fields.Bool("synchronous");
                // This client never copies from another server, so the addresses of source servers (netloc4) are not read.
                return fields.UInt32("source_servers") == 0;
            default:
                return false;
        }
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

    private static void Lock(OperationCode operation, ref FieldText fields)
    {
        fields.Enum("locktype", NfsTypeNames.LockTypes);
        if (operation == OperationCode.LockU)
        {
            fields.UInt32("seqid");
            fields.StateId("lock_stateid");
        }
        if (operation == OperationCode.Lock)
            fields.Bool("reclaim");
        fields.UInt64("offset");
        fields.UInt64("length");
        if (operation == OperationCode.Lock)
            Locker(ref fields);
        else if (operation == OperationCode.LockT)
            LockOwner(ref fields);
    }

    /// <summary>locker4: either a new lock owner under an open, or an owner that has locked before.</summary>
    private static void Locker(ref FieldText fields)
    {
        if (fields.Bool("new_lock_owner"))
        {
            fields.UInt32("open_seqid");
            fields.StateId("open_stateid");
            fields.UInt32("lock_seqid");
            LockOwner(ref fields);
        }
        else
        {
            fields.StateId("lock_stateid");
            fields.UInt32("lock_seqid");
        }
    }

    private static void LockOwner(ref FieldText fields)
    {
        fields.Hex64("clientid");
        fields.Opaque("owner");
    }
}
