using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Doctor;

/// <summary>
/// Names the content of a device that holds none of this program's file systems, so that the user sees more than "wrong fs type".
/// </summary>
internal sealed class ForeignContent(IProgramRunner programs)
{
    private const int HeadBytes = 512;
    private const int TarMagicAt = 257;
    private const int ProbeLimitSeconds = 30;

    /// <summary>blkid(8)'s exit code when it recognized nothing.</summary>
    private const int NothingFound = 2;

    /// <summary>
    /// Files that users put in the place of a raw image, by their first bytes. blkid(8) does not know disk containers and archives.
    /// </summary>
    private static readonly (int At, byte[] Magic, string Name, string Mend)[] _files =
    [
        (
            0, [.. "QFI"u8, 0xfb], "a qcow2 disk image of QEMU",
            "convert it: qemu-img convert -O raw OLD NEW; a disk with partitions has its file system inside one of them"),
        (0, [.. "KDMV"u8], "a VMDK disk image", "convert it: qemu-img convert -O raw OLD NEW"),
        (0, [.. "vhdxfile"u8], "a VHDX disk image", "convert it: qemu-img convert -O raw OLD NEW"),
        (0, [0x1f, 0x8b], "a gzip file", "unpack it: gunzip"),
        (0, [0x28, 0xb5, 0x2f, 0xfd], "a zstd file", "unpack it: unzstd"),
        (0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "an xz file", "unpack it: unxz"),
        (0, [.. "BZh"u8], "a bzip2 file", "unpack it: bunzip2"),
        (
            TarMagicAt, [.. "ustar"u8], "a tar archive",
            "make an image with a file system (mkfile, newfs), mount it and unpack the archive there"),
    ];

    /// <summary>The content and the remedy; null when the content is not recognized.</summary>
    /// <exception cref="LinuxException">The device can't be read.</exception>
    public async Task<Finding?> IdentifyAsync(string device, CancellationToken cancellation)
    {
        byte[] head = new byte[HeadBytes];
        using (FileDescriptor file = Files.Open(device, OpenFlags.ReadOnly))
        {
            if (FileContent.Read(file, head, 0) < HeadBytes)
                return null;
        }

        foreach ((int at, byte[] magic, string name, string mend) in _files)
        {
            if (head.AsSpan(at).StartsWith(magic))
                return new Finding(Severity.Fault, $"the image holds {name}, not a file system", mend);
        }

        ProgramResult probe = await programs.RunAsync(
            new ProgramCall("blkid", "-p", "-o", "export", device) { TimeLimit = TimeSpan.FromSeconds(ProbeLimitSeconds) }, cancellation);
        if (probe.ExitCode == NothingFound)
            return null;
        Dictionary<string, string> tags = probe.Output.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2)
            .ToDictionary(p => p[0], p => p[1].Trim());
        if (tags.TryGetValue("TYPE", out string? type))
            return new Finding(
                Severity.Fault, $"the image holds {type}, which a zone's root can't be",
                "use an image with ext4, xfs or btrfs: copy the files into one made with mkfile and newfs");
        if (tags.TryGetValue("PTTYPE", out string? table))
            return new Finding(
                Severity.Fault,
                $"the image holds a whole disk with a partition table ({table}), not a file system",
                "take the file system out of its partition: sfdisk -d FILE shows where it starts, dd if=FILE of=NEW bs=1M "
                + "iflag=skip_bytes,count_bytes skip=START*512 count=SIZE*512 copies it");
        return null;
    }
}
