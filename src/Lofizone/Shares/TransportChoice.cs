namespace Lofizone.Shares;

/// <summary>
/// Chooses who speaks NFS for the images of a share. The kernel's client is taken where it can do what the share's URI asks for: it
/// costs no process and less CPU time. It knows one path only and reaches files as root, so that a URI with several addresses,
/// with several connections or with an identity is the engine's.
/// </summary>
public static class TransportChoice
{
    /// <summary>The transport of a share on this host.</summary>
    /// <param name="share">An nfs:// share or a file on one.</param>
    /// <param name="kernelIsAble">Whether this host's kernel has an NFSv4 client that can be used; asked only when it matters. A reason why
    /// not, or null.</param>
    /// <exception cref="LofizoneException">The URI asks for the kernel's client, which can't serve it here.</exception>
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

    /// <summary>What the URI asks for that the kernel's client has not; null when nothing.</summary>
    private static string? ObstacleIn(ShareUri share) =>
        share.Addresses.Count > 1 ? "the kernel's NFS client uses one address of a server, and the share names several"
        : share.User is not null ? "the kernel's NFS client reaches the images as root, and the share names another identity"
        : share.Connections is not null ? "the option connections is for Lofizone's own client"
        : null;
}
