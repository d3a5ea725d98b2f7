namespace Lofizone.Nfs;

/// <summary>Numbers of the NFSv4 operations this client sends (nfs_opnum4: RFC 8881 section 16.1 and RFC 7862 section 14).</summary>
public enum OperationCode
{
    Access = 3,
    Close = 4,
    Commit = 5,
    Create = 6,
    GetAttr = 9,
    GetFh = 10,
    Lock = 12,
    LockT = 13,
    LockU = 14,
    Lookup = 15,
    Open = 18,
    PutFh = 22,
    PutRootFh = 24,
    Read = 25,
    ReadDir = 26,
    Remove = 28,
    Rename = 29,
    SaveFh = 32,
    SetAttr = 34,
    Write = 38,
    BindConnToSession = 41,
    ExchangeId = 42,
    CreateSession = 43,
    DestroySession = 44,
    Sequence = 53,
    DestroyClientId = 57,
    ReclaimComplete = 58,
    Deallocate = 62,
}
