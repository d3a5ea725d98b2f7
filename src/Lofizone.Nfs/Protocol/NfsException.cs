namespace Lofizone.Nfs.Protocol;

/// <summary>An NFS request failed. The message names the operation, the object and the server's answer.</summary>
public class NfsException : IOException
{
    internal NfsException(NfsStatus? status, string operation, string? path, string message, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Operation = operation;
        Path = path;
    }

    /// <summary>The server's status; null when the server did not answer.</summary>
    public NfsStatus? Status { get; }

    /// <summary>Name of the operation in RFC 8881, for example LOOKUP.</summary>
    public string Operation { get; }

    /// <summary>Path on the server up to the component that failed; null when the failure concerns no path.</summary>
    public string? Path { get; }

    /// <summary>The exception for a server's status, in the words of <see cref="NfsStatusText"/>.</summary>
    public static NfsException For(NfsStatus status, string operation, string? path, string? detail = null) =>
        new(status, operation, path, Join(path is null ? operation : $"{operation} {path}", NfsStatusText.Describe(status), detail));

    private static string Join(params string?[] parts) => string.Join(": ", parts.Where(part => part is not null));
}

/// <summary>The server can't be reached, did not answer in time, or ended the connection during the setup.</summary>
public class NfsUnreachableException : NfsException
{
    internal NfsUnreachableException(string server, string operation, string why, Exception? inner = null)
        : base(null, operation, null, $"NFS server {server}: {why}", inner) => Server = server;

    /// <summary>Host and port of the server.</summary>
    public string Server { get; }
}

/// <summary>
/// The server answers, but does not execute this client's calls. The server speaks only older versions of NFS, or no NFS at all.
/// </summary>
public sealed class NfsRefusedException : NfsUnreachableException
{
    internal NfsRefusedException(string server, RpcRefusal refusal)
        : base(server, "RPC", refusal.Why) => (Why, SpeaksOlderOnly) = (refusal.Why, refusal.SpeaksOlderOnly);

    /// <summary>The server's reason, as a sentence.</summary>
    public string Why { get; }

    /// <summary>True for a server of NFSv3 or older.</summary>
    public bool SpeaksOlderOnly { get; }
}

/// <summary>The given addresses belong to different servers, so they can't be paths of one session.</summary>
public sealed class NfsPathsDifferException : NfsException
{
    internal NfsPathsDifferException(string one, string other)
        : base(null, "BIND_CONN_TO_SESSION", null, $"{one} and {other} are different servers: the session of {one} is not known at {other}")
    {
    }
}

/// <summary>
/// The lock on a file is lost, and the file may have another owner. The file is no longer read or written through this client.
/// </summary>
public sealed class NfsFencedException : NfsException
{
    internal NfsFencedException(string path, NfsStatus? status, string why)
        : base(status, "I/O", path, $"{path}: fenced: {why}; nothing is written through it any more") => Why = why;

    /// <summary>The reason why the lock was lost.</summary>
    public string Why { get; }

    /// <summary>The exception of a handler of <c>NfsFile.Fenced</c>. The exception does not change the file's state.</summary>
    public Exception? HandlerFailure { get; internal set; }
}

/// <summary>Another client holds a lock on the file.</summary>
public sealed class NfsLockedException : NfsException
{
    internal NfsLockedException(string path, NfsLockHolder holder)
        : base(NfsStatus.Denied, "LOCK", path, $"LOCK {path}: {NfsStatusText.Describe(NfsStatus.Denied)}: {holder.Owner}") =>
        Holder = holder;

    /// <summary>The holder of the lock, as far as the server names the holder.</summary>
    public NfsLockHolder Holder { get; }
}
