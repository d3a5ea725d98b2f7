namespace Lofizone.Shares;

/// <summary>Opens the share named by <paramref name="uri"/>; the caller disposes of it.</summary>
/// <exception cref="LofizoneException">It can't be reached.</exception>
public delegate Task<IShare> ShareOpener(ShareUri uri, CancellationToken cancellation);

/// <summary>Opens shares by their URI.</summary>
public static class Share
{
    /// <summary>Opens the share named by <paramref name="uri"/>; the caller disposes of it.</summary>
    /// <exception cref="LofizoneException">The share can't be reached.</exception>
    public static async Task<IShare> OpenAsync(ShareUri uri, CancellationToken cancellation)
    {
        if (uri.IsNfs)
            return await NfsShare.OpenAsync(uri, cancellation: cancellation);
        // The directory may be mounted from a server, and a wait in the kernel for that server has no deadline.
        await KernelServer.RequireAsync(uri, cancellation);
        return await Task.Run(() => new DirShare(uri), cancellation).WaitAsync(cancellation);
    }
}
