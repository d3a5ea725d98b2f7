using Lofizone.Nfs;

namespace Lofizone.Shares;

/// <summary>Tells a server that does not answer, which may pass by itself, from all other reasons of a failure.</summary>
public static class ServerAway
{
    /// <summary>True when the failure, or what caused it, is that an NFS server could not be reached.</summary>
    public static bool IsReason(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is NfsUnreachableException)
                return true;
        }

        return false;
    }
}
