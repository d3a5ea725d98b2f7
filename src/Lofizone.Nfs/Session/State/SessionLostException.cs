using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Session.State;

/// <summary>
/// The server does not know the session any more (BADSESSION, DEADSESSION) or its slots disagree with ours; a new session is needed.
/// </summary>
internal sealed class SessionLostException(NfsStatus status) : IOException($"session lost: {NfsStatusText.Describe(status)}")
{
    public NfsStatus Status { get; } = status;
}
