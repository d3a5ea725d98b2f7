using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Images;

/// <summary>What a check found.</summary>
public enum CheckOutcome
{
    /// <summary>In order, or mended by the kernel when it mounts (xfs, btrfs: their logs are replayed then).</summary>
    Clean,

    /// <summary>Errors were found and mended.</summary>
    Corrected,
}

/// <summary>Makes, recognises and checks the file systems in images, on their devices.</summary>
public sealed class ImageFileSystem(IProgramRunner programs)
{
    // e2fsck(8), "EXIT CODE": a sum of these.
    private const int ErrorsCorrected = 1;
    private const int RebootNeeded = 2;
    private const int ErrorsLeft = 4;
    private const int Cancelled = 32;

    private const string ExtChecker = "e2fsck";

    /// <summary>Makes a file system; what the device held is gone afterwards.</summary>
    /// <param name="device">The block device, or a link to it.</param>
    /// <param name="fsType"><c>ext4</c>, <c>xfs</c> or <c>btrfs</c>.</param>
    /// <param name="reporter">Told what is done.</param>
    /// <param name="cancellation">Ends mkfs.</param>
    /// <exception cref="LofizoneException">The device is in use or too small, the type unknown, the program missing, or it
    /// failed.</exception>
    public async Task MakeAsync(string device, string fsType, IReporter reporter, CancellationToken cancellation)
    {
        long least = FileSystemTypes.LeastBytes(fsType);
        long size = SizeOfFreeDevice(device);
        if (size < least)
            throw new LofizoneException(
                $"{device}: {SizeText.Format(size)} is too small for {fsType}, which needs {SizeText.Format(least)}",
                $"make a larger image (mkfile -n {Config.ByteSize.Format(least)} FILE), or choose another file system: "
                + $"{string.Join(", ", FileSystemTypes.All)}");
        (string program, string[] arguments) = FileSystemTypes.Make(fsType, device);
        reporter.Progress($"{fsType} on {device}", 0, size);
        await programs.RunCheckedAsync(new ProgramCall(program, arguments), cancellation);
        reporter.Progress($"{fsType} on {device}", size, size);
    }

    /// <summary>The file system on a device or in an image file; null when there is none that is known.</summary>
    /// <exception cref="LofizoneException">It can't be read.</exception>
    public static FileSystemIdentity? Identify(string deviceOrFile)
    {
        try
        {
            return FileSystemIdentity.Read(deviceOrFile);
        }
        catch (LinuxException e)
        {
            throw new LofizoneException($"{deviceOrFile}: can't be read: {LinuxException.Describe(e.Errno)}", null, e);
        }
    }

    /// <summary>
    /// Sees that a device holds the expected file system, whole, and mends what a crash left in it. To be run before every mount.
    /// </summary>
    /// <exception cref="LofizoneException">None or another file system, one cut off, or errors that need a person.</exception>
    public async Task<CheckOutcome> CheckAsync(string device, string fsType, CancellationToken cancellation)
    {
        long size = SizeOfFreeDevice(device);
        FileSystemIdentity found = Identify(device) ?? throw new LofizoneException(
            $"{device}: there is no file system in this image", $"make one (what the image holds is lost): newfs -T {fsType} {device}");
        if (!FileSystemTypes.IsSame(found.Type, fsType))
            throw new LofizoneException(
                $"{device}: the image holds {found.Type}, not {fsType}",
                $"set fstype={found.Type} in the zone's rootimage; or make a new file system (what the image holds is lost): newfs -T "
                + $"{fsType} {device}");
        if (found.SizeBytes > size)
            throw new LofizoneException(
                $"{device}: its {found.Type} is {found.SizeBytes} bytes large, but the image only {size}: the image's end is missing",
                "restore the image from a copy; if its end was only cut off just now, give it its length back: detach it, then "
                + $"truncate -s {found.SizeBytes} FILE");
        return fsType == FileSystemTypes.Ext4 ? await CheckExtAsync(device, cancellation) : CheckOutcome.Clean;
    }

    /// <summary>Programs without which an image can't be mounted.</summary>
    public static IReadOnlyList<string> ProgramsToMount(string fsType) => fsType == FileSystemTypes.Ext4 ? [ExtChecker] : [];

    /// <summary>Programs without which there is no new file system.</summary>
    public static IReadOnlyList<string> ProgramsToMake(string fsType) => [$"mkfs.{fsType}", .. ProgramsToMount(fsType)];

    /// <summary>Refuses when this host lacks the program that <see cref="CheckAsync"/> runs.</summary>
    public void RequireChecker(string fsType)
    {
        if (fsType == FileSystemTypes.Ext4 && programs.Find(ExtChecker) is null)
            throw MissingProgram.Error(ExtChecker);
    }

    private async Task<CheckOutcome> CheckExtAsync(string device, CancellationToken cancellation)
    {
        ProgramResult result = await programs.RunAsync(new ProgramCall(ExtChecker, "-p", device), cancellation);
        if (result.ExitCode == 0)
            return CheckOutcome.Clean;
        if ((result.ExitCode & ~(ErrorsCorrected | RebootNeeded)) == 0)
            return CheckOutcome.Corrected;
        string said = string.Join(' ', (result.Output + result.Error).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if ((result.ExitCode & ErrorsLeft) != 0)
            throw new LofizoneException(
                $"{device}: its file system is damaged in a way that is not mended without asking: {said}",
                $"save a copy of the image, then answer its questions: e2fsck -f {device}");
        throw new LofizoneException(
            (result.ExitCode & Cancelled) != 0
                ? $"{device}: e2fsck was interrupted: {said}"
                : $"{device}: e2fsck could not check it (exit code {result.ExitCode}): {said}",
            $"run it by hand to see why: e2fsck -p {device}");
    }

    /// <summary>Size in bytes of a block device that nobody has mounted.</summary>
    private static long SizeOfFreeDevice(string device)
    {
        string target = new FileInfo(device).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? device;
        if (FileStatus.At(target) is not { Kind: FileKind.BlockDevice })
            throw new LofizoneException($"{device}: not a block device", "attach the image first: lofiadm -a FILE");
        if (DeviceUsers.MountsOf(MountTable.Read(), device, target) is [{ } mount, ..])
            throw new LofizoneException($"{device}: mounted at {mount.MountPoint}", $"unmount it first: umount {mount.MountPoint}");
        try
        {
            using FileDescriptor open = Files.Open(target, OpenFlags.ReadOnly | OpenFlags.Exclusive);
            return BlockDevice.SizeBytes(open);
        }
        catch (LinuxException e) when (e.Errno == Errno.EBUSY)
        {
            throw new LofizoneException($"{device}: in use by {DeviceUsers.Describe(target)}", "end that first", e);
        }
        catch (LinuxException e)
        {
            throw new LofizoneException($"{device}: can't be opened: {LinuxException.Describe(e.Errno)}", null, e);
        }
    }
}
