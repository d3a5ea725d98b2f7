namespace Lofizone.Shares;

/// <summary>Opens shares by their URI.</summary>
public static class Share
{
    /// <summary>Opens the share named by <paramref name="uri"/>; the caller disposes of it.</summary>
    /// <exception cref="LofizoneException">It can't be reached.</exception>
    public static Task<IShare> OpenAsync(ShareUri uri, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (uri.IsNfs)
            throw new LofizoneException($"{uri}: NFS shares are not in this build", "mount the share and name it as dir:/MOUNTPOINT");
        return Task.FromResult<IShare>(new DirShare(uri));
    }
}
