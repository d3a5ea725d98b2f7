namespace Lofizone.Nfs.Session;

/// <summary>State on the server that must survive its restart; called by the session's own thread while nothing else is in flight.</summary>
internal interface IRecoverable
{
    /// <summary>The state is lost for good: nothing that relies on it may be sent.</summary>
    bool IsFenced { get; }

    /// <summary>Takes up opens and locks again after the server forgot them.</summary>
    void Reclaim(NfsSession session);

    /// <summary>Writes again, in order, what the server may have lost.</summary>
    void Resend(NfsSession session);
}
