namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// State on the server that must survive its restart; called by the session's own thread while nothing else is in flight.
/// </summary>
internal interface IRecoverable
{
    /// <summary>The server has dropped the state, and <see cref="Retake"/> is to find out whether it may be had again.</summary>
    bool IsLost { get; }

    /// <summary>Takes up opens and locks again after the server forgot them, in its grace period.</summary>
    void Reclaim();

    /// <summary>Opens and locks anew what is lost, and goes on only when nobody else had it in between; otherwise fences.</summary>
    void Retake();

    /// <summary>Asks the server which of the state is gone, and lets it forget that.</summary>
    void Check();

    /// <summary>Writes again, in order, what the server may have lost.</summary>
    void Resend();

    /// <summary>Makes sure that requests of a predecessor in this session's place can't change anything any more.</summary>
    void TakeOver();
}
