namespace Lofizone.Shares;

/// <summary>Who speaks NFS for an image's data. What stands beside the images is always read and written by our own client.</summary>
public enum NfsTransport
{
    /// <summary>The engine, a process of ours.</summary>
    User,

    /// <summary>The kernel's NFS client: no process of ours in the way, but a single path, and root's identity only.</summary>
    Kernel,
}

/// <summary>The transports' names in URIs and records.</summary>
public static class NfsTransports
{
    public const string User = "user";
    public const string Kernel = "kernel";

    public static string Name(this NfsTransport transport) => transport == NfsTransport.Kernel ? Kernel : User;

    /// <summary>Null for any other name.</summary>
    public static NfsTransport? Parse(string name) => name switch
    {
        User => NfsTransport.User,
        Kernel => NfsTransport.Kernel,
        _ => null,
    };
}
