using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Printing;

/// <summary>Reads one field and writes it as text.</summary>
internal delegate void FieldWriter(ref FieldText fields, string name);

/// <summary>One field of an operation.</summary>
internal readonly record struct Field(FieldWriter Writer, string Name);

/// <summary>
/// The types of the fields in the tables of <see cref="ArgumentsText"/> and <see cref="ResultsText"/>. A table names the fields of an
/// operation in their order, each with its type, as the XDR of RFC 7863 does: "stateid stateid, uint64 offset, uint32 count". A type with
/// "[]" is an array.
/// </summary>
internal static class FieldTypes
{
    private static readonly Dictionary<string, FieldWriter> _writers = new(StringComparer.Ordinal)
    {
        ["uint32"] = (ref fields, name) => fields.UInt32(name),
        ["uint64"] = (ref fields, name) => fields.UInt64(name),
        ["hex32"] = (ref fields, name) => fields.Hex32(name),
        ["hex64"] = (ref fields, name) => fields.Hex64(name),
        ["bool"] = (ref fields, name) => fields.Bool(name),
        ["string"] = (ref fields, name) => fields.String(name),
        ["opaque"] = (ref fields, name) => fields.Opaque(name),
        ["handle"] = (ref fields, name) => fields.Opaque(name, FileHandle.MaxBytes),
        ["data"] = (ref fields, name) => fields.Data(name),
        ["stateid"] = (ref fields, name) => fields.StateId(name),
        ["sessionid"] = (ref fields, name) => fields.SessionId(name),
        ["bitmap"] = (ref fields, name) => fields.Bitmap(name),
        ["attributes"] = (ref fields, name) => fields.Attributes(name),
        ["newattributes"] = (ref fields, name) => fields.Attributes(name, set: true),
        ["access"] = (ref fields, name) => fields.Flags(name, NfsTypeNames.Access),
        ["stable"] = (ref fields, name) => fields.Enum(name, NfsTypeNames.Stable),
        ["locktype"] = (ref fields, name) => fields.Enum(name, NfsTypeNames.LockTypes),
        ["content"] = (ref fields, name) => fields.Enum(name, "NFS4_CONTENT_DATA", "NFS4_CONTENT_HOLE"),
        ["status"] = (ref fields, name) => fields.Write($" {name} {NfsNames.Status(fields.Take())}"),
        ["forechannel"] = (ref fields, name) => fields.Enum(name, "", "CDFC4_FORE", "CDFC4_BACK", "CDFC4_FORE_OR_BOTH"),
        ["boundchannel"] = (ref fields, name) => fields.Enum(name, "", "CDFS4_FORE", "CDFS4_BACK", "CDFS4_BOTH"),
        ["protection"] = (ref fields, name) => fields.Enum(name, "SP4_NONE", "SP4_MACH_CRED", "SP4_SSV"),
        ["sessionflags"] = (ref fields, name) => fields.Flags(name, "PERSIST", "CONN_BACK_CHAN", "CONN_RDMA"),
        ["sequenceflags"] = (ref fields, name) => fields.Flags(name, NfsTypeNames.SequenceStatus),
        // callback_sec_parms4: this client offers AUTH_NONE alone, which has no fields.
        ["security"] = (ref fields, name) => fields.Enum(name, "AUTH_NONE"),
        // channel_attrs4, RFC 8881 section 18.36.
        ["channel"] = Group(
            "uint32 headerpadsize, uint32 maxrequestsize, uint32 maxresponsesize, uint32 maxresponsesize_cached, uint32 maxoperations, "
            + "uint32 maxrequests, uint32[] rdma_ird"),
        // nfs_impl_id4, RFC 8881 section 18.35.
        ["implementation"] = Group("string domain, string name, uint64 date, uint32 nseconds"),
        ["change"] = Group("bool atomic, hex64 before, hex64 after"),
        ["locker"] = Locker,
    };

    /// <summary>A table's operations with their fields.</summary>
    public static Dictionary<OperationCode, Field[]> Read(IEnumerable<(OperationCode[] Operations, string Fields)> table) =>
        table.SelectMany(row => row.Operations.Select(operation => (operation, Fields: Read(row.Fields))))
            .ToDictionary(row => row.operation, row => row.Fields);

    /// <summary>The fields in a line of a table.</summary>
    public static Field[] Read(string fields) =>
    [
        .. fields.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split(' '))
            .Select(words => new Field(WriterOf(words[0]), words[1])),
    ];

    /// <summary>Writes fields in their order.</summary>
    public static void Write(Field[] layout, ref FieldText fields)
    {
        foreach (Field field in layout)
            field.Writer(ref fields, field.Name);
    }

    private static FieldWriter WriterOf(string type)
    {
        if (!type.EndsWith("[]", StringComparison.Ordinal))
            return (ref fields, name) => _writers[type](ref fields, name);
        FieldWriter element = WriterOf(type[..^2]);
        return (ref fields, name) =>
        {
            for (int left = fields.Count(); left > 0; left--)
                element(ref fields, name);
        };
    }

    private static FieldWriter Group(string members)
    {
        Field[] layout = Read(members);
        return (ref fields, name) =>
        {
            fields.Write($" {name} {{");
            Write(layout, ref fields);
            fields.Write(" }");
        };
    }

    /// <summary>locker4: either a new lock owner under an open, or an owner that has locked before.</summary>
    private static void Locker(ref FieldText fields, string name)
    {
        bool isNew = fields.Bool(name);
        if (isNew)
            fields.UInt32("open_seqid");
        fields.StateId(isNew ? "open_stateid" : "lock_stateid");
        fields.UInt32("lock_seqid");
        if (!isNew)
            return;
        fields.Hex64("clientid");
        fields.Opaque("owner");
    }
}
