using System.Globalization;
using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Devices;

/// <summary>Finds, binds and frees the loop devices under the lofi devices.</summary>
internal sealed class LoopDevices(TimeProvider time)
{
    /// <summary>Free devices lost to others before giving up.</summary>
    private const int BindAttempts = 64;

    /// <summary>Loop devices that exist from the start; those beyond were added on demand and are removed again.</summary>
    private const int PermanentDevices = 8;

    private const string SysBlock = "/sys/block";

    /// <summary>What the kernel puts behind the name of a file that was removed (d_path).</summary>
    private const string RemovedMark = " (deleted)";

    private static readonly TimeSpan _freePoll = TimeSpan.FromMilliseconds(5);

    /// <summary>Clear message instead of ENOENT on a kernel without the loop driver.</summary>
    public static void RequireDriver()
    {
        if (!File.Exists("/dev/loop-control"))
            throw new LofizoneException(
                "/dev/loop-control: not there: this kernel has no loop driver (or this is a container without devices)",
                "load it: modprobe loop");
    }

    /// <summary>Puts a file behind a free loop device, in direct-I/O mode; returns the device's path.</summary>
    /// <param name="kernel">For the first flush.</param>
    /// <param name="file">The image; the driver keeps this open file, with its lock.</param>
    /// <param name="token">Name by which a device is told from others of the same file.</param>
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
                // Another process took it between the question and the call, or removed it: ask again.
            }
        }

        throw new LofizoneException($"no free loop device in {BindAttempts} attempts", "see what holds them: losetup -l");
    }

    /// <summary>
    /// The kernel keeps a write error that nobody has been told of with the device, not with the file behind it: whoever flushes the
    /// device first, a mount too, would get that of an engine that was killed under another image.
    /// </summary>
    private static async Task ForgetOldErrorsAsync(IKernelCalls kernel, string device, CancellationToken cancellation)
    {
        try
        {
            await kernel.FlushAsync(device, cancellation);
        }
        catch (LinuxException e) when (e.Errno is Errno.EIO or Errno.ENOSPC)
        {
            // Told to us, and thereby gone. Nothing has been written to this image yet.
        }
    }

    /// <summary>The backing file as sysfs shows it; null when the device is free or isn't there.</summary>
    public static string? BackingFile(string device)
    {
        try
        {
            return File.ReadAllText(Path.Combine(SysBlock, Path.GetFileName(device), "loop/backing_file")).TrimEnd('\n');
        }
        catch (IOException)
        {
            // Not there, or freed between open and read (ENXIO, ENODEV).
            return null;
        }
    }

    /// <summary>Device number of a loop device, as mount tables show it.</summary>
    public static DeviceNumber? Number(string device) => FileStatus.At(device)?.RawDevice;

    /// <summary>
    /// The loop device of a lofi device; null when it has none. No device is opened that shows another's file: whoever opens one waits in
    /// the kernel, where no signal reaches him, for as long as a sync(2) waits for what its server does not take.
    /// </summary>
    /// <param name="device">As its record says.</param>
    /// <param name="image">The file that its loop device shows, as <see cref="LofiRecords.ImagePath"/> tells.</param>
    public static string? Find(LofiDevice device, string image)
    {
        if (device.LoopDevice.Length == 0)
            return Configured().FirstOrDefault(loop => Shows(loop, image) && Token(loop) == device.Token);
        if (BackingFile(device.LoopDevice) is null)
            return null;
        // A file that was renamed is shown by its new name. Once a detach has begun, another file is another's.
        return Shows(device.LoopDevice, device.BackingFile)
            || device.State == LofiState.Attached && Token(device.LoopDevice) == device.Token
            ? device.LoopDevice
            : null;
    }

    private static IEnumerable<string> Configured() =>
        Directory.EnumerateDirectories(SysBlock, "loop*").Select(directory => "/dev/" + Path.GetFileName(directory))
            .Where(loop => BackingFile(loop) is not null);

    /// <summary>
    /// Sysfs shows this file behind the device. The name of a file that was removed goes on; an empty one is no name.
    /// </summary>
    private static bool Shows(string loop, string file) => file.Length > 0 && BackingFile(loop) is { } shown
        && (shown == file || shown == file + RemovedMark);

    /// <summary>
    /// A device that was found is another's: somebody took ours away and made it anew of the same file. A dead engine's tells no name.
    /// </summary>
    public static bool IsAnothers(FileDescriptor open, string token) => Token(open) is { } there && there != token;

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

    /// <summary>Waits until the device is free; false when it still is not after <paramref name="limit"/> (somebody has it open).</summary>
    /// <param name="device">The loop device.</param>
    /// <param name="file">What was behind it: with another file it is another's device.</param>
    /// <param name="binding">What <see cref="Sequence"/> was: with another number it was bound anew for somebody else.</param>
    /// <param name="limit">How long to wait.</param>
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

    /// <summary>Removes a device node that was added on demand; a device that somebody uses by now stays.</summary>
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
            // In use again, or removed by another: both fine.
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
            // Free, or gone.
            return null;
        }
    }

    /// <summary>Null also when the file behind the device can't be asked.</summary>
    private static string? Token(FileDescriptor device)
    {
        try
        {
            return Loop.Status(device)?.Name;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENODEV or Errno.ENOTCONN or Errno.ECONNABORTED or Errno.EIO)
        {
            // Freed meanwhile, or on a file whose server has died, which the kernel asks for the file's attributes.
            return null;
        }
    }

    internal static string DevicePath(int number) => "/dev/loop" + number.ToString(CultureInfo.InvariantCulture);
}
