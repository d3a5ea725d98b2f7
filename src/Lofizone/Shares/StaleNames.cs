using Lofizone.Nfs;

namespace Lofizone.Shares;

/// <summary>
/// A server that remembers names for a while gives a handle of what was removed and made again behind its back (NFS4ERR_STALE), once: by that it
/// notices. The request has not been executed then, and finds the new file by the same name.
/// </summary>
internal static class StaleNames
{
    /// <summary>Does it, and does it once more if the server's names were out of date. What it did before it met one of them must bear repeating.</summary>
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
}
