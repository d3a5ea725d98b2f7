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

    /// <summary>The server's answer; null when there was none.</summary>
    public NfsStatus? Status { get; }

    /// <summary>Name of the operation as in RFC 8881, for example LOOKUP.</summary>
    public string Operation { get; }

    /// <summary>Path on the server up to the component that failed, or null when the failure concerns no path.</summary>
    public string? Path { get; }

    /// <summary>The exception for a server's answer, in the words of <see cref="NfsStatusText"/>.</summary>
    public static NfsException For(NfsStatus status, string operation, string? path, string? detail = null) =>
        new(status, operation, path, Join(path is null ? operation : $"{operation} {path}", NfsStatusText.Describe(status), detail));

    private static string Join(params string?[] parts) => string.Join(": ", parts.Where(part => part is not null));
}

/// <summary>The server can't be reached, or did not answer in time, or ended the connection while it was set up.</summary>
public class NfsUnreachableException : NfsException
{
    internal NfsUnreachableException(string server, string operation, string why, Exception? inner = null)
        : base(null, operation, null, $"NFS server {server}: {why}", inner) => Server = server;

    /// <summary>Host and port.</summary>
    public string Server { get; }
}

/// <summary>The server answers, and executes none of our calls: it speaks older versions of NFS only, or none at all.</summary>
public sealed class NfsRefusedException : NfsUnreachableException
{
    internal NfsRefusedException(string server, RpcRefusal refusal)
        : base(server, "RPC", refusal.Why) => (Why, SpeaksOlderOnly) = (refusal.Why, refusal.SpeaksOlderOnly);

    /// <summary>What the server said, a sentence.</summary>
    public string Why { get; }

    /// <summary>True for a server of NFSv3 or older.</summary>
    public bool SpeaksOlderOnly { get; }
}

/// <summary>The addresses given belong to different servers, so they are no paths of one session.</summary>
public sealed class NfsPathsDifferException : NfsException
{
    internal NfsPathsDifferException(string one, string other)
        : base(null, "BIND_CONN_TO_SESSION", null, $"{one} and {other} are different servers: the session of {one} is not known at {other}")
    {
    }
}

/// <summary>The lock on a file is lost and the file may have another owner: nothing is read or written through it any more.</summary>
public sealed class NfsFencedException : NfsException
{
    internal NfsFencedException(string path, NfsStatus? status, string why)
        : base(status, "I/O", path, $"{path}: fenced: {why}; nothing is written through it any more") => Why = why;

    /// <summary>How the lock was lost.</summary>
    public string Why { get; }

    /// <summary>What a handler of <c>NfsFile.Fenced</c> threw; it changes nothing for the file.</summary>
    public Exception? HandlerFailure { get; internal set; }
}

/// <summary>Another client holds a lock on the file.</summary>
public sealed class NfsLockedException : NfsException
{
    internal NfsLockedException(string path, NfsLockHolder holder)
        : base(NfsStatus.Denied, "LOCK", path, $"LOCK {path}: {NfsStatusText.Describe(NfsStatus.Denied)}: {holder.Owner}") =>
        Holder = holder;

    /// <summary>Who holds it, as far as the server tells.</summary>
    public NfsLockHolder Holder { get; }
}
