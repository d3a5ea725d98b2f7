namespace Lofizone.Nfs.Session.State;

/// <summary>Work that the recovery must do before callers' requests are sent again.</summary>
[Flags]
internal enum RecoveryWork
{
    None = 0,

    /// <summary>Requests of the process that had the session before must become harmless.</summary>
    TakeOver = 1,

    /// <summary>The server has forgotten opens and locks.</summary>
    Reclaim = 2,

    /// <summary>All opens and locks are reclaimed, and the server must be told so.</summary>
    CompleteReclaim = 4,

    /// <summary>The session can't stay, and another session must take its place.</summary>
    Replace = 8,

    /// <summary>The server may have dropped some state, and must be asked which.</summary>
    Check = 16,

    /// <summary>A caller wants uncommitted data written again.</summary>
    Resend = 32,

    /// <summary>The server may have lost uncommitted data, and some of that data is not written again yet.</summary>
    FinishResend = 64,
}
