using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// Unmounts file systems that may still be in use for a moment: by a process that is ending, or by a process that looks through all mounts
/// (df, the start of a container).
/// </summary>
/// <param name="kernel">Makes the unmount, in which the last user of a file system stores its data and waits for its server.</param>
/// <param name="time">The clock.</param>
internal sealed class BusyMount(IKernelCalls kernel, TimeProvider time)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    /// <param name="path">The mount point. A path without a mount is no error.</param>
    /// <param name="whose">The owner of the mount, for the message.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LofizoneException">The mount is still in use after 5 s.</exception>
    public async Task DetachAsync(string path, string whose, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await kernel.UnmountAsync(path, UnmountFlags.NoFollow, cancellation);
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.EBUSY)
            {
                if (time.GetElapsedTime(start) > _limit)
                    throw new LofizoneException($"{whose}: {path} is in use", $"find out by whom: fuser -vm {path}", e);
            }
            catch (LinuxException e) when (e.Errno is Errno.EINVAL or Errno.ENOENT)
            {
                // The path is not a mount point: another process has just unmounted it.
                return;
            }

            await Task.Delay(_pause, time, cancellation);
        }
    }
}
