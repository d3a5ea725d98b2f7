namespace Lofizone.Nfs.Session.State;

/// <summary>The phase of a session. ARCHITECTURE.md draws the phases and their successors.</summary>
internal enum SessionPhase
{
    /// <summary>The object is made; no thread runs.</summary>
    Idle,

    /// <summary>
    /// There is no session, and none that the server would have to end. The session's thread waits for a connection that a session can be
    /// made on.
    /// </summary>
    Connecting,

    /// <summary>
    /// The session is given up, and the server may still know the session. The connections end, and the session's thread waits for one that
    /// is up anew.
    /// </summary>
    Lost,

    /// <summary>The session's thread has the server destroy the session that was given up.</summary>
    Ending,

    /// <summary>The session's thread makes the client ID and a session.</summary>
    Creating,

    /// <summary>There is a session for the recovery's own requests only. State is reclaimed, and data is written again.</summary>
    Restoring,

    /// <summary>Like <see cref="Restoring"/>; the recovery also waits until no request is in flight.</summary>
    Draining,

    /// <summary>Callers' requests are sent.</summary>
    Open,

    /// <summary>The session has ended for good: by the caller, or because the first session could not be made.</summary>
    Closed,
}
