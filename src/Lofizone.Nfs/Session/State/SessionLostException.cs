using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Session.State;

/// <summary>
/// The server does not know the session any more (NFS4ERR_BADSESSION, NFS4ERR_DEADSESSION), or the slots of server and client disagree. A
/// new session is needed.
/// </summary>
internal sealed class SessionLostException(NfsStatus status) : IOException($"session lost: {NfsStatusText.Describe(status)}")
{
    public NfsStatus Status { get; } = status;
}
