using Lofizone.Nfs.Protocol;

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

    /// <summary>
    /// The same of what failed on an image while nobody asked its server: a server that went away meanwhile shows as an I/O error, or as a
    /// program that did not end. Asked now.
    /// </summary>
    public static async Task<bool> IsReasonAsync(Exception error, ShareUri image, CancellationToken cancellation) =>
        IsReason(error) || !await KernelServer.AnswersAsync(image, cancellation);
}
