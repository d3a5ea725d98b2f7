namespace Lofizone.Shares;

/// <summary>
/// Chooses the NFS client for the images of a share. The kernel's client is taken when it can do everything that the share's URI asks for,
/// because it costs no process and less CPU time. The kernel's client supports one path only and reaches files as root. So the engine
/// serves a URI with several addresses, several connections or an identity.
/// </summary>
public static class TransportChoice
{
    /// <summary>The transport of a share on this host.</summary>
    /// <param name="share">An nfs:// share or a file on one.</param>
    /// <param name="kernelIsAble">
    /// Asks for the reason why this host's kernel has no usable NFSv4 client; null when it has one. Called only when the answer matters.
    /// </param>
    /// <exception cref="LofizoneException">The URI asks for the kernel's client, which can't serve the share here.</exception>
    public static async Task<NfsTransport> OfAsync(ShareUri share, Func<Task<string?>> kernelIsAble)
    {
        if (share.Transport == NfsTransport.User)
            return NfsTransport.User;
        string? obstacle = ObstacleIn(share) ?? await kernelIsAble();
        if (obstacle is null)
            return NfsTransport.Kernel;
        if (share.Transport is null)
            return NfsTransport.User;
        throw new LofizoneException(
            $"{share}: transport=kernel is not possible: {obstacle}",
            "leave the option away, or write transport=user: then Lofizone's own client is used");
    }

    /// <summary>The part of the URI that the kernel's client does not support; null when there is none.</summary>
    private static string? ObstacleIn(ShareUri share) =>
        share.Addresses.Count > 1 ? "the kernel's NFS client uses one address of a server, and the share names several"
        : share.User is not null ? "the kernel's NFS client reaches the images as root, and the share names another identity"
        : share.Connections is not null ? "the option connections is for Lofizone's own client"
        : null;
}
