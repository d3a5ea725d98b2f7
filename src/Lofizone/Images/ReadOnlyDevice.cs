using Lofizone.Devices;
using Lofizone.Interop;

namespace Lofizone.Images;

/// <summary>
/// A second device that stands for a block device and refuses all writes, so that a mount can't change the file system. The kernel frees
/// the device with its last user, also after a kill.
/// </summary>
internal sealed class ReadOnlyDevice : IDisposable
{
    private const int Attempts = 64;

    private readonly FileDescriptor _open;

    private ReadOnlyDevice(string path, FileDescriptor open) => (Path, _open) = (path, open);

    public string Path { get; }

    /// <exception cref="LinuxException">The device can't be opened, or there is no free loop device.</exception>
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
                // Another process took or removed the device between the question and the call, so the question is repeated.
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
