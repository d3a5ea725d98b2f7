using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>The error number that the kernel gets when a store fails.</summary>
internal static class StoreErrors
{
    /// <summary>
    /// EIO, except for the few errors that the block layer distinguishes: no space (ENOSPC, EDQUOT) and not supported. The FUSE driver
    /// itself interprets others, such as ENOSYS (never ask again) or EINTR (try again), so they must not reach it.
    /// </summary>
    public static Errno ErrnoOf(Exception error) => error switch
    {
        NotSupportedException => Errno.EOPNOTSUPP,
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT or Errno.EOPNOTSUPP } linux => linux.Errno,
        _ => Errno.EIO,
    };
}
