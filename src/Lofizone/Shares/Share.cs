namespace Lofizone.Shares;

/// <summary>Opens shares by their URI.</summary>
public static class Share
{
    /// <summary>Opens the share named by <paramref name="uri"/>; the caller disposes of it.</summary>
    /// <exception cref="LofizoneException">It can't be reached.</exception>
    public static async Task<IShare> OpenAsync(ShareUri uri, CancellationToken cancellation) =>
        uri.IsNfs ? await NfsShare.OpenAsync(uri, cancellation: cancellation) : await Task.Run(() => new DirShare(uri), cancellation).WaitAsync(cancellation);
}
