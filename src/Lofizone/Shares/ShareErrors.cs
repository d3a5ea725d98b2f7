using Lofizone.Interop;

namespace Lofizone.Shares;

/// <summary>Turns the kernel's errors on a directory share into messages that say what to do.</summary>
internal static class ShareErrors
{
    public static LofizoneException Explain(LinuxException e, string path) => new($"{path}: {Reason(e)}", Advice(e, path), e);

    private static string Reason(LinuxException e) => e.Errno switch
    {
        Errno.ELOOP => "a part of this path is a symbolic link, which is not followed on a share",
        Errno.ENOSPC => "no space left on the share",
        Errno.EDQUOT => "the quota on the share is used up",
        Errno.EROFS => "the share is mounted read-only",
        Errno.ENOENT => "no such file or directory",
        Errno.EACCES or Errno.EPERM => "permission denied",
        Errno.ESTALE => "the server no longer knows this file (stale file handle)",
        Errno.EFBIG => "larger than the share's file system allows",
        _ => LinuxException.Describe(e.Errno),
    };

    private static string? Advice(LinuxException e, string path) => e.Errno switch
    {
        Errno.ELOOP => RealPath(path) is { } real ? $"if that is meant, name the real path: {real}" : "name the real path",
        Errno.ENOSPC => "free some space there, or take another share",
        Errno.EDQUOT => "have the quota raised, or take another share",
        Errno.EROFS => "remount it read-write, or take another share",
        Errno.EACCES or Errno.EPERM =>
            $"check owner and mode: ls -ld {path} (an NFS export with root squash refuses root: export it to this host with "
            + "no_root_squash, or name it as nfs://USER@SERVER/path)",
        Errno.ESTALE => "mount the share again",
        _ => null,
    };

    /// <summary>The target of the links, for the advice only.</summary>
    private static string? RealPath(string path)
    {
        try
        {
            string real = "/";
            foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                string next = Path.Combine(real, name);
                FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
                real = entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
            }

            return real;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
