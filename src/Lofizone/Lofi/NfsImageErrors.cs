using Lofizone.Nfs;
using Lofizone.Shares;

namespace Lofizone.Lofi;

/// <summary>What a server's refusal means for somebody who wants to use an image.</summary>
internal static class NfsImageErrors
{
    public static Exception Explain(NfsException e, ShareUri image) => e switch
    {
        NfsLockedException or { Status: NfsStatus.ShareDenied or NfsStatus.Locked or NfsStatus.Denied } => new ImageLockedException(e.Message),
        NfsUnreachableException => new LofizoneException(
            $"{image}: {e.Message}", $"see that the server runs and serves NFSv4.1 or later at {image.Authority}, and that no firewall is between", e),
        { Status: NfsStatus.NoEnt } => new LofizoneException(
            $"{image}: there is no {e.Path ?? image.Path} on the server", "see that the export and the path are right (a path starts at the server's NFSv4 root)", e),
        { Status: NfsStatus.Access or NfsStatus.Perm } => new LofizoneException(
            $"{image}: the server denies access to {e.Path ?? image.Path}",
            "name a user who may (nfs://USER:GROUP@SERVER/path); with root squash that is the owner of the directory", e),
        { Status: NfsStatus.Symlink or NfsStatus.NotDir } => new LofizoneException(
            $"{image}: {e.Path ?? image.Path} is a symbolic link or no directory; links are not followed on a share", "name the real path", e),
        { Status: NfsStatus.IsDir or NfsStatus.WrongType or NfsStatus.Inval } => new LofizoneException($"{image}: not a regular file", "name the image file itself", e),
        { Status: NfsStatus.RoFs } => new LofizoneException($"{image}: the export is read-only", "have it exported read-write", e),
        { Status: NfsStatus.Grace } => new LofizoneException($"{image}: the server was started just now and is still in its grace period", "try again in a minute", e),
        _ => new LofizoneException($"{image}: {e.Message}", null, e),
    };
}
