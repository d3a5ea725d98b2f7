using Lofizone.Interop;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Shares;

/// <summary>What is done again because a name on a share leads to another file than a moment ago, or to none.</summary>
internal static class StaleNames
{
    /// <summary>How often a file or directory may be replaced or removed while it is read.</summary>
    private const int Replacements = 10;

    /// <summary>
    /// Does it, and does it once more if the server's names were out of date. A server that remembers names for a while gives a handle of
    /// what was removed and made again behind its back (NFS4ERR_STALE), once: by that it notices. The request has not been executed then,
    /// and finds the new file by the same name. What the action did before it met a stale handle must bear repeating.
    /// </summary>
    public static async Task<T> AgainAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (NfsException error) when (error.Status is NfsStatus.Stale or NfsStatus.FhExpired)
        {
            return await action();
        }
    }

    /// <summary>
    /// Looks again when what was found was gone before it could be opened or read. Another host replaces the files beside an image by
    /// others of the same name, and removes them: the next look finds the new file, or that there is none.
    /// </summary>
    public static async Task<T> LookAsync<T>(Func<Task<T>> look)
    {
        for (int again = 0; ; again++)
        {
            try
            {
                return await look();
            }
            catch (Exception error) when (again < Replacements && IsGone(error))
            {
                // The next look is the answer.
            }
        }
    }

    /// <summary>The same through the kernel's NFS client.</summary>
    public static T Look<T>(Func<T> look) => LookAsync(() => Task.FromResult(look())).GetAwaiter().GetResult();

    /// <summary>
    /// nfs-ganesha answers NFS4ERR_SERVERFAULT when a file is removed while the server looks at the file. The kernel's client makes
    /// EREMOTEIO of that status (nfs4_stat_to_errno in fs/nfs/nfs4xdr.c).
    /// </summary>
    private static bool IsGone(Exception error) =>
        error is NfsException { Status: NfsStatus.Stale or NfsStatus.FhExpired or NfsStatus.NoEnt or NfsStatus.ServerFault }
            or LinuxException { Errno: Errno.ESTALE or Errno.EREMOTEIO };
}
