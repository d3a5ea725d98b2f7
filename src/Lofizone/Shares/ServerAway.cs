using Lofizone.Nfs.Protocol;

namespace Lofizone.Shares;

/// <summary>Tells a failure by a server that does not answer, which may pass by itself, from all other failures.</summary>
public static class ServerAway
{
    /// <summary>True when the failure, or its cause, is an NFS server that could not be reached.</summary>
    public static bool IsReason(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is NfsUnreachableException)
                return true;
        }

        return false;
    }

    /// <summary>Number of questions to a server before it counts as silent, because an answer may be late on a busy machine.</summary>
    private const int Questions = 3;

    /// <summary>Asks the server of an image for a sign of life; within 4 s. True also for an image without a server.</summary>
    public static async Task<bool> AnswersAsync(ShareUri image, CancellationToken cancellation)
    {
        for (int asked = 0; asked < Questions; asked++)
        {
            if (await KernelServer.AnswersAsync(image, cancellation))
                return true;
        }

        return false;
    }

    /// <summary>
    /// True also when a failure of work on an image may come from a server that went away during the work: such a failure shows as an I/O
    /// error, or as a program that did not end. The server is asked now.
    /// </summary>
    public static async Task<bool> IsReasonAsync(Exception error, ShareUri image, CancellationToken cancellation) =>
        IsReason(error) || !await KernelServer.AnswersAsync(image, cancellation);
}
