namespace Lofizone.Nfs.Printing;

/// <summary>
/// Names of the protocol's enumerations by their numbers (RFC 7863, the XDR of NFSv4.2, which includes that of RFC 5662).
/// </summary>
internal static class NfsTypeNames
{
    public static ReadOnlySpan<string> FileTypes => _fileTypes;

    public static ReadOnlySpan<string> Access => _access;

    public static ReadOnlySpan<string> Stable => _stable;

    public static ReadOnlySpan<string> LockTypes => _lockTypes;

    public static ReadOnlySpan<string> Claims => _claims;

    public static ReadOnlySpan<string> SequenceStatus => _sequenceStatus;

    private static readonly string[] _fileTypes =
        ["", "NF4REG", "NF4DIR", "NF4BLK", "NF4CHR", "NF4LNK", "NF4SOCK", "NF4FIFO", "NF4ATTRDIR", "NF4NAMEDATTR"];

    private static readonly string[] _access = ["READ", "LOOKUP", "MODIFY", "EXTEND", "DELETE", "EXECUTE"];

    private static readonly string[] _stable = ["UNSTABLE4", "DATA_SYNC4", "FILE_SYNC4"];

    private static readonly string[] _lockTypes = ["", "READ_LT", "WRITE_LT", "READW_LT", "WRITEW_LT"];

    private static readonly string[] _claims =
        ["CLAIM_NULL", "CLAIM_PREVIOUS", "CLAIM_DELEGATE_CUR", "CLAIM_DELEGATE_PREV",
         "CLAIM_FH", "CLAIM_DELEG_CUR_FH", "CLAIM_DELEG_PREV_FH"];

    private static readonly string[] _sequenceStatus =
    [
        "CB_PATH_DOWN", "CB_GSS_CONTEXTS_EXPIRING", "CB_GSS_CONTEXTS_EXPIRED", "EXPIRED_ALL_STATE_REVOKED", "EXPIRED_SOME_STATE_REVOKED",
        "ADMIN_STATE_REVOKED", "RECALLABLE_STATE_REVOKED", "LEASE_MOVED", "RESTART_RECLAIM_NEEDED", "CB_PATH_DOWN_SESSION",
        "BACKCHANNEL_FAULT", "DEVID_CHANGED", "DEVID_DELETED",
    ];
}
