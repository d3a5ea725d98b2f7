using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Images;

/// <summary>
/// Finds out whether this kernel can mount a file system, by mounting it: read-only, without replaying its journal, in a mount
/// namespace of a thread that ends with it, so that nothing is changed and nothing stays, even when the command is killed.
/// </summary>
internal static class TrialMount
{
    /// <summary>The kernel's error; null when the kernel can mount the file system.</summary>
    /// <param name="device">The block device.</param>
    /// <param name="fsType"><c>ext4</c>, <c>xfs</c> or <c>btrfs</c>.</param>
    /// <param name="directory">Any directory of this host. Only the thread sees it covered.</param>
    /// <param name="look">Called while the file system is mounted at the directory; for tests.</param>
    public static Errno? Try(string device, string fsType, string directory, Action? look = null)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                OwnMounts.UnshareMounts(directory);
                using ReadOnlyDevice shielded = ReadOnlyDevice.Over(device);
                ForeignMount.AttachReadOnly(shielded, directory, fsType);
                look?.Invoke();
                Mount.Detach(directory);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure switch
        {
            null => null,
            LinuxException { Call: "mount" } refused => refused.Errno,
            Exception other => throw new LofizoneException($"{device}: could not be mounted for a trial: {other.Message}", null, other),
        };
    }
}
