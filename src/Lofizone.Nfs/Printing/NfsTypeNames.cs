namespace Lofizone.Nfs.Printing;

/// <summary>
/// Names of the protocol's enumerations by their numbers (RFC 7863, the XDR of NFSv4.2, which includes that of RFC 5662).
/// </summary>
internal static class NfsTypeNames
{
    public static string[] FileTypes { get; } =
        ["", "NF4REG", "NF4DIR", "NF4BLK", "NF4CHR", "NF4LNK", "NF4SOCK", "NF4FIFO", "NF4ATTRDIR", "NF4NAMEDATTR"];

    public static string[] Access { get; } = ["READ", "LOOKUP", "MODIFY", "EXTEND", "DELETE", "EXECUTE"];

    public static string[] Stable { get; } = ["UNSTABLE4", "DATA_SYNC4", "FILE_SYNC4"];

    public static string[] LockTypes { get; } = ["", "READ_LT", "WRITE_LT", "READW_LT", "WRITEW_LT"];

    public static string[] Claims { get; } =
        ["CLAIM_NULL", "CLAIM_PREVIOUS", "CLAIM_DELEGATE_CUR", "CLAIM_DELEGATE_PREV",
         "CLAIM_FH", "CLAIM_DELEG_CUR_FH", "CLAIM_DELEG_PREV_FH"];

    public static string[] SequenceStatus { get; } =
    [
        "CB_PATH_DOWN", "CB_GSS_CONTEXTS_EXPIRING", "CB_GSS_CONTEXTS_EXPIRED", "EXPIRED_ALL_STATE_REVOKED", "EXPIRED_SOME_STATE_REVOKED",
        "ADMIN_STATE_REVOKED", "RECALLABLE_STATE_REVOKED", "LEASE_MOVED", "RESTART_RECLAIM_NEEDED", "CB_PATH_DOWN_SESSION",
        "BACKCHANNEL_FAULT", "DEVID_CHANGED", "DEVID_DELETED",
    ];
}
