namespace Lofizone.Nfs.Printing;

/// <summary>Encoding of an attribute's value.</summary>
internal enum AttributeForm
{
    /// <summary>An encoding that this table does not know.</summary>
    Other,
    UInt32,
    UInt64,
    Mode,
    Text,
    Type,
    Status,
    Time,
    SetTime,
}

/// <summary>Names and forms of the attributes of RFC 8881 section 5.8 and RFC 7862 section 12.2 by their numbers.</summary>
internal static class AttributeNames
{
    /// <summary>Number above all attribute numbers in the table.</summary>
    public const int Limit = 96;

    private static readonly string[] _names =
    [
        "supported_attrs", "type", "fh_expire_type", "change", "size", "link_support", "symlink_support", "named_attr", "fsid",
        "unique_handles", "lease_time", "rdattr_error", "acl", "aclsupport", "archive", "cansettime", "case_insensitive", "case_preserving",
        "chown_restricted", "filehandle", "fileid", "files_avail", "files_free", "files_total", "fs_locations", "hidden", "homogeneous",
        "maxfilesize", "maxlink", "maxname", "maxread", "maxwrite", "mimetype", "mode", "no_trunc", "numlinks", "owner", "owner_group",
        "quota_avail_hard", "quota_avail_soft", "quota_used", "rawdev", "space_avail", "space_free", "space_total", "space_used", "system",
        "time_access", "time_access_set", "time_backup", "time_create", "time_delta", "time_metadata", "time_modify", "time_modify_set",
        "mounted_on_fileid", "dir_notif_delay", "dirent_notif_delay", "dacl", "sacl", "change_policy", "fs_status", "fs_layout_types",
        "layout_hint", "layout_types", "layout_blksize", "layout_alignment", "fs_locations_info", "mdsthreshold", "retention_get",
        "retention_set", "retentevt_get", "retentevt_set", "retention_hold", "mode_set_masked", "suppattr_exclcreat", "fs_charset_cap",
        "clone_blksize", "space_freed", "change_attr_type", "sec_label", "mode_umask", "xattr_support",
    ];

    public static string Of(int attribute) => attribute < _names.Length ? _names[attribute] : $"attribute{attribute}";

    public static AttributeForm FormOf(int attribute) => attribute switch
    {
        1 => AttributeForm.Type,
        2 or 10 or 13 or 28 or 29 or 35 or 65 or 66 or 77 or 79 => AttributeForm.UInt32,
        3 or 4 or (>= 20 and <= 23) or 27 or 30 or 31 or (>= 38 and <= 40) or (>= 42 and <= 45) or 55 or 78 => AttributeForm.UInt64,
        5 or 6 or 7 or 9 or (>= 14 and <= 18) or 25 or 26 or 34 or 46 or 82 => AttributeForm.UInt32,
        11 => AttributeForm.Status,
        32 or 36 or 37 => AttributeForm.Text,
        33 => AttributeForm.Mode,
        47 or 49 or 50 or 51 or 52 or 53 => AttributeForm.Time,
        48 or 54 => AttributeForm.SetTime,
        _ => AttributeForm.Other,
    };
}
