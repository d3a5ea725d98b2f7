using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>What the kernel is told when a store fails.</summary>
internal static class StoreErrors
{
    /// <summary>
    /// EIO, except for the few errors that the block layer tells apart: no space (ENOSPC, EDQUOT) and not supported. Others, such
    /// as ENOSYS or EINTR, would mean something to the FUSE driver itself (never ask again, try again) and must not leak into it.
    /// </summary>
    public static Errno ErrnoOf(Exception error) => error switch
    {
        NotSupportedException => Errno.EOPNOTSUPP,
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT or Errno.EOPNOTSUPP } linux => linux.Errno,
        _ => Errno.EIO,
    };
}
