namespace Lofizone.Nfs.Protocol;

/// <summary>Whether OPEN makes the file (createmode4, RFC 8881 section 18.16).</summary>
public enum NfsCreate
{
    /// <summary>The file must exist.</summary>
    None,

    /// <summary>Made when it is missing, opened when it exists.</summary>
    Unchecked,

    /// <summary>Must not exist yet.</summary>
    Guarded,
}

/// <summary>How to open a file.</summary>
public sealed record NfsOpenOptions
{
    public NfsCreate Create { get; init; }

    /// <summary>Permission bits of a file that is made.</summary>
    public uint Mode { get; init; } = 0x180;

    /// <summary>Open for reading and writing; otherwise for reading.</summary>
    public bool Write { get; init; }

    /// <summary>Nobody else may have it open for writing while it is open here (OPEN4_SHARE_DENY_WRITE).</summary>
    public bool DenyWrite { get; init; }

    /// <summary>Every write reaches stable storage before it returns (FILE_SYNC4): for small files.</summary>
    public bool Synchronous { get; init; }

    /// <summary>
    /// What the server has no room for (NFS4ERR_NOSPC, NFS4ERR_DQUOT) waits until it has, instead of failing: for a device, whose
    /// file system takes a failed write for a broken disk. See <c>NfsFile.Hold</c>.
    /// </summary>
    public bool HoldWhenFull { get; init; }

    /// <summary>
    /// What is needed to go on with this file in another process goes into <see cref="NfsClientOptions.ResumeMemory"/>, if there is one.
    /// For one file of a client.
    /// </summary>
    public bool Resumable { get; init; }
}
