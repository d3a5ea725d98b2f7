namespace Lofizone.Nfs.Protocol;

/// <summary>
/// Names of operations and statuses as the RFCs write them (RFC 8881 sections 15 and 16.1, RFC 7862 sections 11 and 14, RFC 8276).
/// </summary>
public static class NfsNames
{
    private static readonly string[] _operations =
    [
        "COMPOUND", "", "", "ACCESS", "CLOSE", "COMMIT", "CREATE", "DELEGPURGE", "DELEGRETURN", "GETATTR", "GETFH", "LINK", "LOCK",
        "LOCKT", "LOCKU", "LOOKUP", "LOOKUPP", "NVERIFY", "OPEN", "OPENATTR", "OPEN_CONFIRM", "OPEN_DOWNGRADE", "PUTFH", "PUTPUBFH",
        "PUTROOTFH", "READ", "READDIR", "READLINK", "REMOVE", "RENAME", "RENEW", "RESTOREFH", "SAVEFH", "SECINFO", "SETATTR",
        "SETCLIENTID", "SETCLIENTID_CONFIRM", "VERIFY", "WRITE", "RELEASE_LOCKOWNER", "BACKCHANNEL_CTL", "BIND_CONN_TO_SESSION",
        "EXCHANGE_ID", "CREATE_SESSION", "DESTROY_SESSION", "FREE_STATEID", "GET_DIR_DELEGATION", "GETDEVICEINFO", "GETDEVICELIST",
        "LAYOUTCOMMIT", "LAYOUTGET", "LAYOUTRETURN", "SECINFO_NO_NAME", "SEQUENCE", "SET_SSV", "TEST_STATEID", "WANT_DELEGATION",
        "DESTROY_CLIENTID", "RECLAIM_COMPLETE", "ALLOCATE", "COPY", "COPY_NOTIFY", "DEALLOCATE", "IO_ADVISE", "LAYOUTERROR",
        "LAYOUTSTATS", "OFFLOAD_CANCEL", "OFFLOAD_STATUS", "READ_PLUS", "SEEK", "WRITE_SAME", "CLONE", "GETXATTR", "SETXATTR",
        "LISTXATTRS", "REMOVEXATTR",
    ];

    /// <summary>Name of an operation by its number. Number 0 stands for a COMPOUND with an unknown purpose.</summary>
    public static string Operation(int number) => (uint)number < (uint)_operations.Length && _operations[number] is { Length: > 0 } name
        ? name
        : number == 10044 ? "ILLEGAL" : $"operation {(uint)number}";

    /// <summary>Name of a status: NFS4_OK, or NFS4ERR_ with the RFC's word. A number that no RFC defines stays a number.</summary>
    public static string Status(uint status) => status == 0
        ? "NFS4_OK"
        : Enum.IsDefined((NfsStatus)status) ? "NFS4ERR_" + ((NfsStatus)status).ToString().ToUpperInvariant() : $"status {status}";
}
