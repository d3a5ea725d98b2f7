using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// Unmounts what may be in use for a moment still: by a process on its way out, or one that looks through all mounts (df, a container's
/// start).
/// </summary>
/// <param name="kernel">The last user of a file system stores it, and waits for its server.</param>
/// <param name="time">The clock.</param>
internal sealed class BusyMount(IKernelCalls kernel, TimeProvider time)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    /// <param name="path">Where it is mounted; nothing there is fine.</param>
    /// <param name="whose">What it belongs to, for the message.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LofizoneException">It is still in use after 5 s.</exception>
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
                // Not mounted: somebody else unmounted it just now.
                return;
            }

            await Task.Delay(_pause, time, cancellation);
        }
    }
}
