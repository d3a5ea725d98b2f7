namespace Lofizone.Nfs.Protocol;

/// <summary>Words for the statuses that users meet. The other statuses go by their names.</summary>
public static class NfsStatusText
{
    /// <summary>A few words for the status, with the protocol's name of the status behind them.</summary>
    public static string Describe(NfsStatus status)
    {
        string words = status switch
        {
            NfsStatus.Perm => "operation not permitted",
            NfsStatus.NoEnt => "no such file or directory",
            NfsStatus.Io => "input/output error on the server",
            NfsStatus.Access => "permission denied",
            NfsStatus.Exist => "exists already",
            NfsStatus.NotDir => "not a directory",
            NfsStatus.IsDir => "is a directory",
            NfsStatus.FBig => "file too large",
            NfsStatus.NoSpc => "no space left on the server",
            NfsStatus.RoFs => "read-only file system",
            NfsStatus.NameTooLong => "name too long",
            NfsStatus.NotEmpty => "directory not empty",
            NfsStatus.DQuot => "quota exceeded",
            NfsStatus.Stale => "stale file handle (the file is gone from the server)",
            NfsStatus.NotSupp => "not supported by the server",
            NfsStatus.Denied or NfsStatus.Locked => "locked by another client",
            NfsStatus.ShareDenied => "opened exclusively by another client",
            NfsStatus.Symlink => "is a symbolic link, and links are not followed",
            NfsStatus.WrongSec => "the server wants another security flavour than AUTH_SYS",
            NfsStatus.Grace => "the server has just started and is in its grace period",
            NfsStatus.Moved => "the file system has moved to another server",
            NfsStatus.MinorVersMismatch => "the server speaks neither NFSv4.2 nor NFSv4.1",
            NfsStatus.Expired => "the lease has expired",
            NfsStatus.NoGrace => "the server's grace period is over, lost state can't be reclaimed",
            NfsStatus.ReclaimConflict => "another client has taken what was to be reclaimed",
            _ => "",
        };
        return words.Length == 0 ? $"NFS4ERR_{status}" : $"{words} (NFS4ERR_{status})";
    }
}
