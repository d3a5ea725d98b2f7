using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Printing;

/// <summary>Results of the operations that this client sends, behind their status, with the field names of RFC 7863.</summary>
internal static class ResultsText
{
    /// <summary>Writes the fields of one result. False when the result's end is not known.</summary>
    public static bool Write(OperationCode operation, NfsStatus status, ref FieldText fields)
    {
        switch (operation)
        {
            // SETATTR has its result whatever the status (RFC 8881 section 18.30.2).
            case OperationCode.SetAttr:
                fields.Bitmap("attrsset");
                return true;
            case OperationCode.Lock or OperationCode.LockT when status == NfsStatus.Denied:
                Denied(ref fields);
                return true;
            case OperationCode.Copy when status == NfsStatus.OffloadNoReqs:
                CopyRequirements(ref fields);
                return true;
            case var _ when status != NfsStatus.Ok:
                return true;
            case OperationCode.PutFh or OperationCode.PutRootFh or OperationCode.SaveFh or OperationCode.RestoreFh or OperationCode.Lookup
                or OperationCode.LockT or OperationCode.DestroySession
                or OperationCode.DestroyClientId or OperationCode.FreeStateId or OperationCode.ReclaimComplete or OperationCode.Allocate
                or OperationCode.Deallocate
                or OperationCode.OffloadCancel or OperationCode.Clone:
                return true;
            case OperationCode.Access:
                fields.Flags("supported", NfsTypeNames.Access);
                fields.Flags("access", NfsTypeNames.Access);
                return true;
            case OperationCode.Close:
                fields.StateId("open_stateid");
                return true;
            case OperationCode.Commit:
                fields.Hex64("writeverf");
                return true;
            case OperationCode.Create:
                ChangeInfo("cinfo", ref fields);
                fields.Bitmap("attrset");
                return true;
            case OperationCode.GetAttr:
                fields.Attributes("obj_attributes");
                return true;
            case OperationCode.GetFh:
                fields.Opaque("object", Operations.FileHandle.MaxBytes);
                return true;
            case OperationCode.Lock or OperationCode.LockU:
                fields.StateId("lock_stateid");
                return true;
            case OperationCode.Open:
                return Open(ref fields);
            case OperationCode.Read:
                fields.Bool("eof");
                fields.Data("data");
                return true;
            case OperationCode.ReadDir:
                Directory(ref fields);
                return true;
            case OperationCode.Remove:
                ChangeInfo("cinfo", ref fields);
                return true;
            case OperationCode.Rename:
                ChangeInfo("source_cinfo", ref fields);
                ChangeInfo("target_cinfo", ref fields);
                return true;
            case OperationCode.Write:
                fields.UInt32("count");
                fields.Enum("committed", NfsTypeNames.Stable);
                fields.Hex64("writeverf");
                return true;
            case OperationCode.Seek:
                fields.Bool("eof");
                fields.UInt64("offset");
                return true;
            case OperationCode.Copy:
                CopyResponse(ref fields);
                return true;
            case OperationCode.OffloadStatus:
                fields.UInt64("count");
                for (int left = fields.Count(); left > 0; left--)
                    fields.Write(" complete " + NfsNames.Status(fields.Take()));
                return true;
            default:
                return Session(operation, ref fields);
        }
    }

    private static bool Session(OperationCode operation, ref FieldText fields)
    {
        switch (operation)
        {
            case OperationCode.Sequence:
                fields.SessionId("sessionid");
                fields.UInt32("sequenceid");
                fields.UInt32("slotid");
                fields.UInt32("highest_slotid");
                fields.UInt32("target_highest_slotid");
                fields.Flags("status_flags", NfsTypeNames.SequenceStatus);
                return true;
            case OperationCode.TestStateId:
                for (int left = fields.Count(); left > 0; left--)
                    fields.Write(" status_code " + NfsNames.Status(fields.Take()));
                return true;
            case OperationCode.BindConnToSession:
                fields.SessionId("sessid");
                fields.Enum("dir", "", "CDFS4_FORE", "CDFS4_BACK", "CDFS4_BOTH");
                fields.Bool("use_conn_in_rdma_mode");
                return true;
            case OperationCode.ExchangeId:
                fields.Hex64("clientid");
                fields.UInt32("sequenceid");
                fields.Hex32("flags");
                if (fields.Enum("state_protect", "SP4_NONE", "SP4_MACH_CRED", "SP4_SSV") != 0)
                    return false;
                fields.UInt64("so_minor_id");
                fields.Opaque("so_major_id");
                fields.Opaque("server_scope");
                SessionText.Implementation("server_impl_id", ref fields);
                return true;
            case OperationCode.CreateSession:
                fields.SessionId("sessionid");
                fields.UInt32("sequence");
                fields.Flags("flags", "PERSIST", "CONN_BACK_CHAN", "CONN_RDMA");
                SessionText.Channel("fore_chan_attrs", ref fields);
                SessionText.Channel("back_chan_attrs", ref fields);
                return true;
            default:
                return false;
        }
    }

    private static bool Open(ref FieldText fields)
    {
        fields.StateId("stateid");
        ChangeInfo("cinfo", ref fields);
        fields.Flags("rflags", "", "CONFIRM", "LOCKTYPE_POSIX", "PRESERVE_UNLINKED", "", "MAY_NOTIFY_LOCK");
        fields.Bitmap("attrset");
        switch (fields.Enum("delegation", "OPEN_DELEGATE_NONE", "OPEN_DELEGATE_READ", "OPEN_DELEGATE_WRITE", "OPEN_DELEGATE_NONE_EXT"))
        {
            case 0:
                return true;
            case 3:
                if (fields.Enum("why", "WND4_NOT_WANTED", "WND4_CONTENTION", "WND4_RESOURCE") is 1 or 2)
                    fields.Bool("will_tell");
                return true;
            default:
                return false;
        }
    }

    private static void Directory(ref FieldText fields)
    {
        fields.Hex64("cookieverf");
        while (fields.Take() == 1)
        {
            fields.Write(" entry {");
            fields.UInt64("cookie");
            fields.String("name");
            fields.Attributes("attrs");
            fields.Write(" }");
        }
        fields.Bool("eof");
    }

    private static void Denied(ref FieldText fields)
    {
        fields.UInt64("offset");
        fields.UInt64("length");
        fields.Enum("locktype", NfsTypeNames.LockTypes);
        fields.Hex64("clientid");
        fields.Opaque("owner");
    }

    private static void CopyResponse(ref FieldText fields)
    {
        for (int left = fields.Count(); left > 0; left--)
            fields.StateId("callback_id");
        fields.UInt64("count");
        fields.Enum("committed", NfsTypeNames.Stable);
        fields.Hex64("writeverf");
        CopyRequirements(ref fields);
    }

    private static void CopyRequirements(ref FieldText fields)
    {
        fields.Bool("consecutive");
        fields.Bool("synchronous");
    }

    private static void ChangeInfo(string name, ref FieldText fields)
    {
        fields.Write($" {name} {{");
        fields.Bool("atomic");
        fields.Hex64("before");
        fields.Hex64("after");
        fields.Write(" }");
    }
}
