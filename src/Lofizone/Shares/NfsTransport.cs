namespace Lofizone.Shares;

/// <summary>The NFS client for an image's data. The files beside the images are always read and written by Lofizone's own client.</summary>
public enum NfsTransport
{
    /// <summary>The engine, a process of Lofizone.</summary>
    User,

    /// <summary>
    /// The kernel's NFS client: no process of Lofizone in the data path, but a single network path, and root's identity only.
    /// </summary>
    Kernel,
}

/// <summary>The transports' names in URIs and records.</summary>
public static class NfsTransports
{
    public const string User = "user";
    public const string Kernel = "kernel";

    public static string Name(this NfsTransport transport) => transport == NfsTransport.Kernel ? Kernel : User;

    /// <summary>The transport of a name; null for an unknown name.</summary>
    public static NfsTransport? Parse(string name) => name switch
    {
        User => NfsTransport.User,
        Kernel => NfsTransport.Kernel,
        _ => null,
    };
}
