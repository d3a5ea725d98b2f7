using Lofizone.Devices;
using Lofizone.Interop;

namespace Lofizone.Images;

/// <summary>
/// A second device that stands for a block device and through which nothing can be written to it, whatever a file system wants to mend
/// when it is mounted. The kernel frees the device with its last user, after a kill, too.
/// </summary>
internal sealed class ReadOnlyDevice : IDisposable
{
    private const int Attempts = 64;

    private readonly FileDescriptor _open;

    private ReadOnlyDevice(string path, FileDescriptor open) => (Path, _open) = (path, open);

    public string Path { get; }

    /// <exception cref="LinuxException">The device can't be opened, or no loop device can be had.</exception>
    public static ReadOnlyDevice Over(string device)
    {
        using FileDescriptor below = Files.Open(device, OpenFlags.ReadOnly);
        for (int attempt = 1; ; attempt++)
        {
            string path = LoopDevices.DevicePath(Loop.GetFree());
            FileDescriptor? open = null;
            try
            {
                open = Files.Open(path, OpenFlags.ReadOnly);
                Loop.Bind(open, below, BlockDevice.SectorBytes(below), LoopFlags.ReadOnly | LoopFlags.AutoClear, "");
                return new ReadOnlyDevice(path, open);
            }
            catch (LinuxException e)
            {
                open?.Dispose();
                // Another process took the device between the question and the call, or removed it: ask again.
                if (attempt == Attempts || e.Errno is not (Errno.EBUSY or Errno.ENOENT or Errno.ENXIO or Errno.ENODEV))
                    throw;
            }
        }
    }

    public void Dispose()
    {
        _open.Dispose();
        LoopDevices.RemoveIfAdded(Path);
    }
}
