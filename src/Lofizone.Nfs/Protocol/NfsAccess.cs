namespace Lofizone.Nfs.Protocol;

/// <summary>Rights that ACCESS reports (RFC 8881 section 18.1.1).</summary>
[Flags]
public enum NfsAccess
{
    None = 0,
    Read = 1,
    Lookup = 2,
    Modify = 4,
    Extend = 8,
    Delete = 16,
    Execute = 32,
}
