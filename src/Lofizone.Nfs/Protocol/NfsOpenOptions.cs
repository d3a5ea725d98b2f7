namespace Lofizone.Nfs.Protocol;

/// <summary>Tells whether OPEN makes the file (createmode4, RFC 8881 section 18.16).</summary>
public enum NfsCreate
{
    /// <summary>The file must exist.</summary>
    None,

    /// <summary>The file is made when it is missing, and opened when it exists.</summary>
    Unchecked,

    /// <summary>The file must not exist yet.</summary>
    Guarded,
}

/// <summary>Options of an open.</summary>
public sealed record NfsOpenOptions
{
    public NfsCreate Create { get; init; }

    /// <summary>Permission bits of a new file.</summary>
    public uint Mode { get; init; } = 0x180;

    /// <summary>True: open for reading and writing. False: open for reading.</summary>
    public bool Write { get; init; }

    /// <summary>
    /// No other client may have the file open for writing while this client has it open (OPEN4_SHARE_DENY_WRITE, RFC 8881 section 18.16).
    /// </summary>
    public bool DenyWrite { get; init; }

    /// <summary>Every write reaches stable storage before it returns (FILE_SYNC4). Meant for small files.</summary>
    public bool Synchronous { get; init; }

    /// <summary>
    /// Writes that the server has no room for (NFS4ERR_NOSPC, NFS4ERR_DQUOT) wait for room instead of failing. Meant for a device, whose
    /// file system takes a failed write for a broken disk. See <c>NfsFile.Hold</c>.
    /// </summary>
    public bool HoldWhenFull { get; init; }

    /// <summary>
    /// The client keeps the state that another process needs to take over this file in <see cref="NfsClientOptions.ResumeMemory"/>, if
    /// there is such a memory. Meant for one file of a client.
    /// </summary>
    public bool Resumable { get; init; }
}
