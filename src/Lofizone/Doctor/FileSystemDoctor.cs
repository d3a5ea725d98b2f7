using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Doctor;

/// <summary>Examines the file system on a device without changing a byte.</summary>
internal sealed class FileSystemDoctor(IProgramRunner programs, string scratchDirectory)
{
    private const int SectorBytes = 4096;

    /// <summary>
    /// Largest number of bytes at an image's end that this program's file systems leave unused. The number is below the largest granule of
    /// a file system's size (ext4's block group is trimmed below that).
    /// </summary>
    private const long UnusedNoticeBytes = 16L << 20;

    /// <summary>Number of lines of a checker's report that are shown.</summary>
    private const int ShownLines = 3;

    /// <summary>All findings about one device.</summary>
    /// <param name="device">The block device.</param>
    /// <param name="sizeBytes">The device's size, bytes.</param>
    /// <param name="wantedType">The type in the zone's configuration; null without a zone.</param>
    /// <param name="mountPoint">The present mount point; null when the device is not mounted.</param>
    /// <param name="full">Read all metadata, which takes minutes on a large image.</param>
    /// <param name="reach">The way by which a user reaches the device.</param>
    /// <param name="cancellation">Ends the checker.</param>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(
        string device, long sizeBytes, string? wantedType, string? mountPoint, bool full, DeviceReach reach, CancellationToken cancellation)
    {
        List<Finding> findings = [];
        if (ImageFileSystem.Identify(device) is not { } found)
        {
            findings.Add(await new ForeignContent(programs).IdentifyAsync(device, cancellation) ?? new Finding(
                Severity.Fault,
                "there is no file system in this image",
                "restore the image from a copy; or make one (what the image holds is lost): "
                + $"{reach.Command($"newfs -T {wantedType ?? FileSystemTypes.Ext4}")}"));
            return findings;
        }

        string family = found.Type.StartsWith("ext", StringComparison.Ordinal) ? FileSystemTypes.Ext4 : found.Type;
        findings.Add(new Finding(Severity.Ok, $"file system {found.Type}, UUID {found.Uuid}, {SizeText.Format(found.SizeBytes)}"));
        if (wantedType is not null && !FileSystemTypes.IsSame(found.Type, wantedType))
            findings.Add(
                new Finding(
                    Severity.Fault, $"the zone is configured for {wantedType}, but the image holds {found.Type}",
                    $"set fstype={found.Type} in the zone's rootimage with zonecfg"));
        if (found.SizeBytes > sizeBytes)
        {
            findings.Add(new Finding(
                Severity.Fault,
                $"the image's end is missing: its {found.Type} takes {found.SizeBytes} bytes, the image has {sizeBytes}",
                $"restore the image from a copy; if only its end was cut off just now: truncate -s {found.SizeBytes} FILE, where the "
                + $"file is, then {reach.Command(Checker(family))}"));
            return findings;
        }

        if (sizeBytes - found.SizeBytes >= UnusedNoticeBytes)
            findings.Add(
                new Finding(
                    Severity.Note, $"the last {SizeText.Format(sizeBytes - found.SizeBytes)} of the image are not used by its file system",
                    $"let it grow: {Grow(family, reach)}"));
        ExtSuperblock? ext = family == FileSystemTypes.Ext4 ? ExtSuperblock.Read(device) : null;
        if (ext is { BlockBytes: < SectorBytes })
        {
            findings.Add(new Finding(
                Severity.Fault,
                $"its blocks have {ext.BlockBytes} bytes, but lofi devices have sectors of {SectorBytes}: it can't be mounted from one",
                "copy its files into a new image: mkfile, newfs, then mount both (the old one with mount -o loop) and cp -a"));
            return findings;
        }

        if (mountPoint is not null)
        {
            findings.Add(new Finding(Severity.Ok, $"mounted at {mountPoint}"));
            return findings;
        }

        if (ext is { NeedsRecovery: true })
            findings.Add(
                new Finding(
                    Severity.Note, "it was not unmounted: its journal holds changes that go to their places with the next mount",
                    "nothing needs doing, a boot does it"));
        if (MountObstacle.Find(device, family) is { } obstacle)
            findings.Add(new Finding(Severity.Fault, obstacle.What, reach.Text(obstacle.Mend)));
        else if (Refusal(device, family, ext) is { } refused)
            findings.Add(refused);
        else
            findings.Add(new Finding(Severity.Ok, "this kernel can mount it"));
        if (ext is { HasErrors: true } || full)
            findings.Add(await CheckAsync(device, family, ext, reach, cancellation));
        return findings;
    }

    private Finding? Refusal(string device, string family, ExtSuperblock? ext) => TrialMount.Try(device, family, scratchDirectory) switch
    {
        null => null,
        Errno.ENODEV => new Finding(
            Severity.Fault, $"this kernel has no {family}", $"load it (modprobe {family}), or use a host whose kernel has it"),
        Errno errno when ext is { UnusualFeatures: [_, ..] features } => new Finding(
            Severity.Fault,
            $"this kernel refuses to mount it ({LinuxException.Describe(errno)}); its features that not every kernel has: "
            + $"{string.Join(", ", features)}",
            "use a host with a newer kernel; or take the feature away where it can be mounted: tune2fs -O ^FEATURE DEVICE"),
        Errno errno => new Finding(
            Severity.Fault, $"this kernel refuses to mount it: {LinuxException.Describe(errno)}",
            "'dmesg | tail' names the reason; a damaged file system: zone doctor --full"),
    };

    /// <summary>Runs the file system's own checker, without changes.</summary>
    private async Task<Finding> CheckAsync(
        string device, string family, ExtSuperblock? ext, DeviceReach reach, CancellationToken cancellation)
    {
        // A file system always looks damaged before its journal is replayed.
        if (ext is { NeedsRecovery: true, HasErrors: false })
            return new Finding(Severity.Note, "not checked: its journal comes first", reach.Command("e2fsck -p"));
        ProgramCall call = family switch
        {
            FileSystemTypes.Xfs => new ProgramCall("xfs_repair", "-n", device),
            FileSystemTypes.Btrfs => new ProgramCall("btrfs", "check", "--readonly", device),
            _ => new ProgramCall("e2fsck", "-fn", device),
        };
        ProgramResult result = await programs.RunAsync(call, cancellation);
        bool sound = result.ExitCode == 0;
        if (sound && ext is not { HasErrors: true })
            return new Finding(Severity.Ok, $"{call.Program} finds no damage");
        string said = string.Join(
            "; ",
            result.Output.Split('\n').Where(l => l.Contains('?') || l.Contains("rror", StringComparison.Ordinal)).Take(ShownLines)
                .Select(l => l.Trim()));
        return new Finding(
            Severity.Fault,
            sound ? "the kernel has met errors in it and marked it" : $"it is damaged{(said.Length > 0 ? $": {said}" : "")}",
            $"save a copy of the image, then: {reach.Command(Checker(family))}");
    }

    private static string Checker(string family) => family switch
    {
        FileSystemTypes.Xfs => "xfs_repair",
        FileSystemTypes.Btrfs => "btrfs check --repair",
        _ => "e2fsck -f",
    };

    private static string Grow(string family, DeviceReach reach) => reach.Prefix + family switch
    {
        FileSystemTypes.Xfs => $"mount {reach.Device} /mnt && xfs_growfs /mnt",
        FileSystemTypes.Btrfs => $"mount {reach.Device} /mnt && btrfs filesystem resize max /mnt",
        _ => $"e2fsck -f {reach.Device} && resize2fs {reach.Device}",
    };
}
