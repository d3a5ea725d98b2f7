namespace Lofizone.Nfs.Files;

/// <summary>The phase of an open file. <see cref="FileState.MayFollow"/> says which phase may follow which.</summary>
internal enum FilePhase
{
    /// <summary>Open on the server, without a lock.</summary>
    Open,

    /// <summary>The file is open, and locked against every other client.</summary>
    Locked,

    /// <summary>The server has dropped the lock. The session's thread takes the lock again, or fences the file.</summary>
    Lost,

    /// <summary>The lock may be another client's. Nothing is written through the file any more.</summary>
    Fenced,

    /// <summary>Closed by the user. Every use fails.</summary>
    Closed,
}
