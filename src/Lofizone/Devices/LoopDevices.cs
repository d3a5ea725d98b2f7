using System.Globalization;
using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Devices;

/// <summary>Finds, binds and frees the loop devices under the lofi devices.</summary>
internal sealed class LoopDevices(TimeProvider time)
{
    /// <summary>Number of free devices that may be lost to other processes before an attach gives up.</summary>
    private const int BindAttempts = 64;

    /// <summary>Number of loop devices that exist from the start. Devices beyond it were added on demand and are removed again.</summary>
    private const int PermanentDevices = 8;

    private const string SysBlock = "/sys/block";

    /// <summary>Text that the kernel puts behind the name of a removed file (d_path).</summary>
    private const string RemovedMark = " (deleted)";

    private static readonly TimeSpan _freePoll = TimeSpan.FromMilliseconds(5);

    /// <summary>Gives a clear message instead of ENOENT on a kernel without the loop driver.</summary>
    public static void RequireDriver()
    {
        if (!File.Exists("/dev/loop-control"))
            throw new LofizoneException(
                "/dev/loop-control: not there: this kernel has no loop driver (or this is a container without devices)",
                "load it: modprobe loop");
    }

    /// <summary>Puts a file behind a free loop device in direct-I/O mode, and returns the device's path.</summary>
    /// <param name="kernel">Makes the first flush.</param>
    /// <param name="file">The image; the driver keeps this open file, with its lock.</param>
    /// <param name="token">Name that tells the device from other devices of the same file.</param>
    /// <param name="cancellation">Ends the wait for the file's server.</param>
    /// <exception cref="LofizoneException">No device could be had.</exception>
    public static async Task<string> BindAsync(IKernelCalls kernel, FileDescriptor file, string token, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < BindAttempts; attempt++)
        {
            int number = Loop.GetFree();
            string path = DevicePath(number);
            try
            {
                using FileDescriptor device = Files.Open(path, OpenFlags.ReadWrite);
                Loop.Bind(device, file, ImageSize.BlockBytes, LoopFlags.DirectIo, token);
                await ForgetOldErrorsAsync(kernel, path, cancellation);
                return path;
            }
            catch (LinuxException e) when (e.Errno is Errno.EBUSY or Errno.ENOENT or Errno.ENXIO or Errno.ENODEV)
            {
                // Another process took or removed the device between the question and the call, so the question is repeated.
            }
        }

        throw new LofizoneException($"no free loop device in {BindAttempts} attempts", "see what holds them: losetup -l");
    }

    /// <summary>
    /// Flushes the new device once, to clear an old write error. The kernel keeps an unreported write error with the device, not with the
    /// file behind it. The first flush of the device, also by a mount, would otherwise report the error of an engine that was killed under
    /// another image.
    /// </summary>
    private static async Task ForgetOldErrorsAsync(IKernelCalls kernel, string device, CancellationToken cancellation)
    {
        try
        {
            await kernel.FlushAsync(device, cancellation);
        }
        catch (LinuxException e) when (e.Errno is Errno.EIO or Errno.ENOSPC)
        {
            // The flush has reported the old error, which clears it. Nothing has been written to this image yet.
        }
    }

    /// <summary>The backing file in sysfs; null when the device is free or does not exist.</summary>
    public static string? BackingFile(string device)
    {
        try
        {
            return File.ReadAllText(Path.Combine(SysBlock, Path.GetFileName(device), "loop/backing_file")).TrimEnd('\n');
        }
        catch (IOException)
        {
            // The device does not exist, or was freed between open and read (ENXIO, ENODEV).
            return null;
        }
    }

    /// <summary>Number of a loop device, as in mount tables.</summary>
    public static DeviceNumber? Number(string device) => FileStatus.At(device)?.RawDevice;

    /// <summary>
    /// The loop device of a lofi device; null when there is none. A device that shows another file is never opened: while a sync(2) waits
    /// for a server, an open of such a device waits in the kernel, where no signal reaches the process.
    /// </summary>
    /// <param name="device">The device, according to its record.</param>
    /// <param name="image">The file that its loop device shows, as <see cref="LofiRecords.ImagePath"/> tells.</param>
    public static string? Find(LofiDevice device, string image)
    {
        if (device.LoopDevice.Length == 0)
            return Configured().FirstOrDefault(loop => Shows(loop, image) && Token(loop) == device.Token);
        if (BackingFile(device.LoopDevice) is null)
            return null;
        // A renamed file is shown with its new name. Once a detach has begun, a device with another file belongs to another user.
        return Shows(device.LoopDevice, device.BackingFile)
            || device.State == LofiState.Attached && Token(device.LoopDevice) == device.Token
            ? device.LoopDevice
            : null;
    }

    private static IEnumerable<string> Configured() =>
        Directory.EnumerateDirectories(SysBlock, "loop*").Select(directory => "/dev/" + Path.GetFileName(directory))
            .Where(loop => BackingFile(loop) is not null);

    /// <summary>
    /// Tells whether sysfs shows this file behind the device. A removed file's name has a mark behind it. An empty name does not count.
    /// </summary>
    private static bool Shows(string loop, string file) => file.Length > 0 && BackingFile(loop) is { } shown
        && (shown == file || shown == file + RemovedMark);

    /// <summary>
    /// True when another process took the device away and bound it again to the same file. A device whose engine is dead tells no name, and
    /// counts as this command's device.
    /// </summary>
    public static bool IsReboundByOther(FileDescriptor open, string token) => Token(open) is { } there && there != token;

    /// <summary>
    /// The number that the kernel gives each binding of a device (<c>diskseq</c>, sysfs-block, Linux 5.15). A later binding is known by the
    /// number without an open. Null on an older kernel, and when the device isn't there.
    /// </summary>
    public static ulong? Sequence(string device)
    {
        try
        {
            string path = Path.Combine(SysBlock, Path.GetFileName(device), "diskseq");
            return ulong.TryParse(File.ReadAllText(path).TrimEnd('\n'), CultureInfo.InvariantCulture, out ulong number) ? number : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Waits until the device is free. False when another process still has the device open after <paramref name="limit"/>.
    /// </summary>
    /// <param name="device">The loop device.</param>
    /// <param name="file">The file that was behind the device. A device with another file belongs to another user.</param>
    /// <param name="binding">The former <see cref="Sequence"/>. A device with another number was bound again by another user.</param>
    /// <param name="limit">Limit of the wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<bool> WaitUntilFreeAsync(
        string device, string? file, ulong? binding, TimeSpan limit, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (BackingFile(device) is { } shown && shown == file && Sequence(device) == binding)
        {
            if (time.GetElapsedTime(start) >= limit)
                return false;
            await Task.Delay(_freePoll, time, cancellation);
        }

        return true;
    }

    /// <summary>Removes a device node that was added on demand. A device that is in use again stays.</summary>
    public static void RemoveIfAdded(string device)
    {
        if (!int.TryParse(Path.GetFileName(device).AsSpan("loop".Length), CultureInfo.InvariantCulture, out int number)
            || number < PermanentDevices)
            return;
        try
        {
            Loop.Remove(number);
        }
        catch (LinuxException e) when (e.Errno is Errno.EBUSY or Errno.ENODEV or Errno.ENOENT)
        {
            // The device is in use again, or another process has removed it. Both are fine.
        }
    }

    private static string? Token(string device)
    {
        try
        {
            using FileDescriptor open = Files.Open(device, OpenFlags.ReadOnly);
            return Token(open);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENXIO or Errno.ENOENT or Errno.ENODEV or Errno.EIO)
        {
            // The device is free, or gone.
            return null;
        }
    }

    /// <summary>The device's name; null also when the file behind the device can't be asked.</summary>
    private static string? Token(FileDescriptor device)
    {
        try
        {
            return Loop.Status(device)?.Name;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENODEV or Errno.ENOTCONN or Errno.ECONNABORTED or Errno.EIO)
        {
            // The device was freed, or its file is on a dead server, which the kernel would ask for the file's attributes.
            return null;
        }
    }

    internal static string DevicePath(int number) => "/dev/loop" + number.ToString(CultureInfo.InvariantCulture);
}
