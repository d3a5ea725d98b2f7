namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// State on the server that must survive the server's restart. The session's thread calls all members while no other request is in flight.
/// </summary>
internal interface IRecoverable
{
    /// <summary>The server has dropped the state. <see cref="Retake"/> must find out whether the state may be taken again.</summary>
    bool IsLost { get; }

    /// <summary>Reclaims opens and locks in the grace period of a server that has restarted.</summary>
    void Reclaim();

    /// <summary>Opens and locks lost state anew, and keeps it only when no other client held it in between. Otherwise fences.</summary>
    void Retake();

    /// <summary>Asks the server which state is gone, and has the server forget that state.</summary>
    void Check();

    /// <summary>Writes again, in order, the data that the server may have lost.</summary>
    void Resend();

    /// <summary>Makes sure that late requests of a predecessor can't change anything any more.</summary>
    void TakeOver();
}
