namespace Lofizone.Nfs.Session.State;

/// <summary>Where a session is in its life. ARCHITECTURE.md draws the phases and what may follow each.</summary>
internal enum SessionPhase
{
    /// <summary>Made; no thread runs.</summary>
    Idle,

    /// <summary>No session, and none that the server would have to end. A connection on which one can be made is waited for.</summary>
    Connecting,

    /// <summary>
    /// The session is given up, and the server may still know it. Its connections end, and one that is up anew is waited for.
    /// </summary>
    Lost,

    /// <summary>The session's thread has the server destroy the session that was given up.</summary>
    Ending,

    /// <summary>The session's thread makes the client known and a session.</summary>
    Creating,

    /// <summary>There is a session, for the recovery's own requests only: state is reclaimed, data is written again.</summary>
    Restoring,

    /// <summary>As <see cref="Restoring"/>; the recovery waits until no request is in flight.</summary>
    Draining,

    /// <summary>Callers' requests go.</summary>
    Open,

    /// <summary>Ended for good: by the caller, or because the first session could not be made.</summary>
    Closed,
}
