using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Images;

/// <summary>Result of a check.</summary>
public enum CheckOutcome
{
    /// <summary>The file system is in order, or the kernel repairs it at the mount (xfs, btrfs: their logs are replayed then).</summary>
    Clean,

    /// <summary>Errors were found and repaired.</summary>
    Corrected,
}

/// <summary>Makes, identifies and checks the file systems in images, on their devices.</summary>
public sealed class ImageFileSystem(IProgramRunner programs)
{
    // e2fsck(8), "EXIT CODE": the exit code is a sum of these values.
    private const int ErrorsCorrected = 1;
    private const int RebootNeeded = 2;
    private const int ErrorsLeft = 4;
    private const int Cancelled = 32;

    private const string ExtChecker = "e2fsck";

    /// <summary>Makes a file system. The device's former content is lost.</summary>
    /// <param name="device">The block device, or a link to it.</param>
    /// <param name="fsType"><c>ext4</c>, <c>xfs</c> or <c>btrfs</c>.</param>
    /// <param name="reporter">Gets the progress.</param>
    /// <param name="cancellation">Ends mkfs.</param>
    /// <exception cref="LofizoneException">
    /// The device is in use or too small, the type is unknown, or the program is missing or failed.
    /// </exception>
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

    /// <summary>The file system on a device or in an image file; null when no known file system is found.</summary>
    /// <exception cref="LofizoneException">The device or file can't be read.</exception>
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
    /// Checks that a device holds the expected file system as a whole, and repairs the effects of a crash. Must run before every mount.
    /// </summary>
    /// <exception cref="LofizoneException">
    /// There is no file system, or another one, or it is truncated, or it has errors that need a person.
    /// </exception>
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

    /// <summary>Programs that the mount of an image needs.</summary>
    public static IReadOnlyList<string> ProgramsToMount(string fsType) => fsType == FileSystemTypes.Ext4 ? [ExtChecker] : [];

    /// <summary>Programs that a new file system needs.</summary>
    public static IReadOnlyList<string> ProgramsToMake(string fsType) => [$"mkfs.{fsType}", .. ProgramsToMount(fsType)];

    /// <summary>Refuses when this host lacks the program of <see cref="CheckAsync"/>.</summary>
    public void RequireChecker(string fsType)
    {
        if (fsType == FileSystemTypes.Ext4 && programs.Find(ExtChecker) is null)
            throw MissingProgram.Error(ExtChecker);
    }

    /// <summary>
    /// "e2fsck -p" looks through a file system only when the superblock asks for that, and is not started for one at rest. A crash is in
    /// the superblock: while an ext4 is mounted, it says that its journal is to be replayed, and the kernel notes the errors that it
    /// meets. What an image at rest hides all the same, the kernel meets under errors=remount-ro (<see cref="ForeignMount"/>).
    /// </summary>
    private async Task<CheckOutcome> CheckExtAsync(string device, CancellationToken cancellation)
    {
        if (ExtSuperblock.Read(device) is { IsAtRest: true })
            return CheckOutcome.Clean;
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

    /// <summary>Size in bytes of a block device that is not mounted.</summary>
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
