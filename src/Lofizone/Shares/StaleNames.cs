using Lofizone.Interop;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Shares;

/// <summary>Repeats work when a name on a share has led to a file that was replaced or removed.</summary>
internal static class StaleNames
{
    /// <summary>Number of times that a file or directory may be replaced or removed while it is read.</summary>
    private const int Replacements = 10;

    /// <summary>
    /// Repeats the action once if the server's names were out of date. A server that caches names may return the handle of an object that
    /// was removed and made again. A request with that handle fails with NFS4ERR_STALE and is not executed. By then the server
    /// has noticed the change, and the name leads to the new object. The action must be safe to repeat up to that request.
    /// </summary>
    public static async Task<T> RetryOnceAsync<T>(Func<Task<T>> action)
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
    /// Looks again when the found object was removed before the look could open or read that object. Another host replaces and removes the
    /// files beside an image. The next look finds the new file, or no file.
    /// </summary>
    public static async Task<T> RetryLookAsync<T>(Func<Task<T>> look)
    {
        for (int again = 0; ; again++)
        {
            try
            {
                return await look();
            }
            catch (Exception error) when (again < Replacements && IsGone(error))
            {
                // The next look decides.
            }
        }
    }

    /// <summary>Like <see cref="RetryLookAsync"/>, through the kernel's NFS client.</summary>
    public static T RetryLook<T>(Func<T> look) => RetryLookAsync(() => Task.FromResult(look())).GetAwaiter().GetResult();

    /// <summary>
    /// nfs-ganesha answers NFS4ERR_SERVERFAULT when a file is removed while the server looks at the file. The kernel's client makes
    /// EREMOTEIO of that status (nfs4_stat_to_errno in fs/nfs/nfs4xdr.c).
    /// </summary>
    private static bool IsGone(Exception error) =>
        error is NfsException { Status: NfsStatus.Stale or NfsStatus.FhExpired or NfsStatus.NoEnt or NfsStatus.ServerFault }
            or LinuxException { Errno: Errno.ESTALE or Errno.EREMOTEIO };
}
