namespace Lofizone.Nfs.Printing;

/// <summary>Fields that calls and replies of the session operations have in common (RFC 8881 sections 18.35 and 18.36).</summary>
internal static class SessionText
{
    /// <summary>channel_attrs4.</summary>
    public static void Channel(string name, ref FieldText fields)
    {
        fields.Write($" {name} {{");
        fields.UInt32("headerpadsize");
        fields.UInt32("maxrequestsize");
        fields.UInt32("maxresponsesize");
        fields.UInt32("maxresponsesize_cached");
        fields.UInt32("maxoperations");
        fields.UInt32("maxrequests");
        for (int left = fields.Count(); left > 0; left--)
            fields.UInt32("rdma_ird");
        fields.Write(" }");
    }

    /// <summary>nfs_impl_id4, at most one.</summary>
    public static void Implementation(string name, ref FieldText fields)
    {
        for (int left = fields.Count(); left > 0; left--)
        {
            fields.Write($" {name} {{");
            fields.String("domain");
            fields.String("name");
            fields.UInt64("date");
            fields.UInt32("nseconds");
            fields.Write(" }");
        }
    }
}
