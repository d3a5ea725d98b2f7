namespace Lofizone.Nfs.Session.State;

/// <summary>What the recovery has to do before requests go again.</summary>
[Flags]
internal enum RecoveryWork
{
    None = 0,

    /// <summary>Requests of the process that had the session before must become harmless.</summary>
    TakeOver = 1,

    /// <summary>The server has forgotten opens and locks.</summary>
    Reclaim = 2,

    /// <summary>All opens and locks are reclaimed, and the server has not been told so.</summary>
    CompleteReclaim = 4,

    /// <summary>The session can't stay: another one takes its place.</summary>
    Replace = 8,

    /// <summary>The server may have dropped some state: which, is to be asked.</summary>
    Check = 16,

    /// <summary>Somebody wants uncommitted data written again.</summary>
    Resend = 32,

    /// <summary>The server may have lost uncommitted data, and not all of it is written again.</summary>
    FinishResend = 64,
}
