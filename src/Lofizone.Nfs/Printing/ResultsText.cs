using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Printing;

/// <summary>Results of the operations that this client sends, behind their status, with the field names of RFC 7863.</summary>
internal static class ResultsText
{
    private static readonly Dictionary<OperationCode, Field[]> _fields = FieldTypes.Read(
    [
        ([OperationCode.PutFh, OperationCode.PutRootFh, OperationCode.SaveFh, OperationCode.RestoreFh, OperationCode.Lookup], ""),
        ([OperationCode.LockT, OperationCode.DestroySession, OperationCode.DestroyClientId, OperationCode.FreeStateId], ""),
        ([OperationCode.ReclaimComplete, OperationCode.Allocate, OperationCode.Deallocate, OperationCode.OffloadCancel], ""),
        ([OperationCode.Clone], ""),
        ([OperationCode.Access], "access supported, access access"),
        ([OperationCode.Close], "stateid open_stateid"),
        ([OperationCode.Commit], "hex64 writeverf"),
        ([OperationCode.Create], "change cinfo, bitmap attrset"),
        ([OperationCode.GetAttr], "attributes obj_attributes"),
        ([OperationCode.GetFh], "handle object"),
        ([OperationCode.Lock, OperationCode.LockU], "stateid lock_stateid"),
        ([OperationCode.Read], "bool eof, data data"),
        ([OperationCode.Remove], "change cinfo"),
        ([OperationCode.Rename], "change source_cinfo, change target_cinfo"),
        ([OperationCode.Write], "uint32 count, stable committed, hex64 writeverf"),
        ([OperationCode.Seek], "bool eof, uint64 offset"),
        (
            [OperationCode.Copy],
            "stateid[] callback_id, uint64 count, stable committed, hex64 writeverf, bool consecutive, bool synchronous"),
        ([OperationCode.OffloadStatus], "uint64 count, status[] complete"),
        (
            [OperationCode.Sequence],
            "sessionid sessionid, uint32 sequenceid, uint32 slotid, uint32 highest_slotid, uint32 target_highest_slotid, "
            + "sequenceflags status_flags"),
        ([OperationCode.TestStateId], "status[] status_code"),
        ([OperationCode.BindConnToSession], "sessionid sessid, boundchannel dir, bool use_conn_in_rdma_mode"),
        (
            [OperationCode.CreateSession],
            "sessionid sessionid, uint32 sequence, sessionflags flags, channel fore_chan_attrs, channel back_chan_attrs"),
    ]);

    private static readonly Field[] _denied = FieldTypes.Read(
        "uint64 offset, uint64 length, locktype locktype, hex64 clientid, opaque owner");

    private static readonly Field[] _copyRequirements = FieldTypes.Read("bool consecutive, bool synchronous");

    private static readonly Field[] _openHead = FieldTypes.Read("stateid stateid, change cinfo");

    private static readonly Field[] _clientHead = FieldTypes.Read("hex64 clientid, uint32 sequenceid, hex32 flags");

    private static readonly Field[] _clientRest = FieldTypes.Read(
        "uint64 so_minor_id, opaque so_major_id, opaque server_scope, implementation[] server_impl_id");

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
                FieldTypes.Write(_denied, ref fields);
                return true;
            case OperationCode.Copy when status == NfsStatus.OffloadNoReqs:
                FieldTypes.Write(_copyRequirements, ref fields);
                return true;
            case var _ when status != NfsStatus.Ok:
                return true;
            case OperationCode.Open:
                return Open(ref fields);
            case OperationCode.ReadDir:
                Directory(ref fields);
                return true;
            case OperationCode.ExchangeId:
                return Client(ref fields);
            default:
                bool isKnown = _fields.TryGetValue(operation, out Field[]? layout);
                FieldTypes.Write(layout ?? [], ref fields);
                return isKnown;
        }
    }

    private static bool Client(ref FieldText fields)
    {
        FieldTypes.Write(_clientHead, ref fields);
        if (fields.Enum("state_protect", "SP4_NONE", "SP4_MACH_CRED", "SP4_SSV") != 0)
            return false;
        FieldTypes.Write(_clientRest, ref fields);
        return true;
    }

    private static bool Open(ref FieldText fields)
    {
        FieldTypes.Write(_openHead, ref fields);
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
}
