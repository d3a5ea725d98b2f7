using System.Globalization;
using Lofizone.Interop;

namespace Lofizone.Lofi;

/// <summary>Finds, binds and frees the loop devices under the lofi devices.</summary>
internal sealed class LoopDevices(TimeProvider time)
{
    /// <summary>Logical block size of every lofi device, bytes: the page size, so that no write is a read-modify-write below us.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Free devices lost to others before giving up.</summary>
    private const int BindAttempts = 64;

    /// <summary>Loop devices that exist from the start; those beyond were added on demand and are removed again.</summary>
    private const int PermanentDevices = 8;

    private const string SysBlock = "/sys/block";
    private static readonly TimeSpan _freePoll = TimeSpan.FromMilliseconds(5);

    /// <summary>Clear message instead of ENOENT on a kernel without the loop driver.</summary>
    public static void RequireDriver()
    {
        if (!File.Exists("/dev/loop-control"))
            throw new LofizoneException("/dev/loop-control: not there: this kernel has no loop driver (or this is a container without devices)", "load it: modprobe loop");
    }

    /// <summary>Puts a file behind a free loop device, in direct-I/O mode; returns the device's path.</summary>
    /// <param name="file">The image; the driver keeps this open file, with its lock.</param>
    /// <param name="token">Name by which <see cref="FindByToken"/> finds the device.</param>
    /// <exception cref="LofizoneException">No device could be had.</exception>
    public static string Bind(FileDescriptor file, string token)
    {
        for (int attempt = 0; attempt < BindAttempts; attempt++)
        {
            int number = Loop.GetFree();
            string path = DevicePath(number);
            try
            {
                using FileDescriptor device = Files.Open(path, OpenFlags.ReadWrite);
                Loop.Bind(device, file, BlockBytes, LoopFlags.DirectIo, token);
                ForgetOldErrors(path);
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
    private static void ForgetOldErrors(string device)
    {
        try
        {
            using FileDescriptor open = Files.Open(device, OpenFlags.ReadWrite);
            FileContent.Sync(open);
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

    /// <summary>The configured loop device that carries this token; null when none does.</summary>
    public static string? FindByToken(string token)
    {
        foreach (string directory in Directory.EnumerateDirectories(SysBlock, "loop*"))
        {
            string device = "/dev/" + Path.GetFileName(directory);
            if (BackingFile(device) is not null && HasToken(device, token))
                return device;
        }

        return null;
    }

    /// <summary>
    /// The loop device of a lofi device: by its token, or as its record says while it still shows that file. A dead engine's device does
    /// not tell its token any more once the kernel has forgotten the file's attributes.
    /// </summary>
    public static string? Find(LofiDevice device) =>
        FindByToken(device.Token)
        ?? (device.LoopDevice.Length > 0 && device.BackingFile.Length > 0 && Token(device.LoopDevice) is null && BackingFile(device.LoopDevice)?.StartsWith(device.BackingFile, StringComparison.Ordinal) == true
            ? device.LoopDevice
            : null);

    /// <summary>Waits until the device is free; false when it still is not after <paramref name="limit"/> (somebody has it open).</summary>
    public async Task<bool> WaitUntilFreeAsync(string device, string token, TimeSpan limit, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (BackingFile(device) is not null && !BelongsToAnother(device, token))
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
        if (!int.TryParse(Path.GetFileName(device).AsSpan("loop".Length), CultureInfo.InvariantCulture, out int number) || number < PermanentDevices)
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

    internal static bool HasToken(string device, string token) => Token(device) == token;

    /// <summary>
    /// Bound anew for somebody else. A device that still shows a file but no status is being run down: file and lock are not free
    /// until the last one who has the device open, if only for a look, has closed it.
    /// </summary>
    private static bool BelongsToAnother(string device, string token) => Token(device) is { } there && there != token;

    /// <summary>Null also when the file behind the device can't be asked: a dead engine of somebody else must not stand in our way.</summary>
    private static string? Token(string device)
    {
        try
        {
            using FileDescriptor open = Files.Open(device, OpenFlags.ReadOnly);
            return Loop.Status(open)?.Name;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENXIO or Errno.ENOENT or Errno.ENODEV or Errno.ENOTCONN or Errno.ECONNABORTED or Errno.EIO)
        {
            // Free, gone, or on a file whose server has died, which the kernel asks for the file's attributes: not to be told.
            return null;
        }
    }

    internal static string DevicePath(int number) => "/dev/loop" + number.ToString(CultureInfo.InvariantCulture);
}
