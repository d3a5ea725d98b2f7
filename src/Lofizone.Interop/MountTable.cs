using System.Text;

namespace Lofizone.Interop;

/// <summary>One mount, a line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">Mount ID.</param>
/// <param name="ParentId">ID of the parent mount.</param>
/// <param name="Device">Device of the file system (anonymous for NFS, FUSE, btrfs).</param>
/// <param name="Root">Directory of the file system that is the root of this mount.</param>
/// <param name="MountPoint">Mount point, relative to the process's root.</param>
/// <param name="Options">Per-mount options.</param>
/// <param name="FileSystemType">Type of the file system, for example ext4, nfs4, fuse.</param>
/// <param name="Source">Device or server path that was given to mount.</param>
/// <param name="SuperOptions">Per-superblock options. NFS reports all of its options here.</param>
public sealed record MountEntry(
    int Id, int ParentId, DeviceNumber Device, string Root, string MountPoint, string Options, string FileSystemType, string Source,
    string SuperOptions)
{
    /// <summary>Value of a superblock option: "" for an option without a value, null for a missing option.</summary>
    public string? SuperOption(string name)
    {
        foreach (string option in SuperOptions.Split(','))
        {
            int equals = option.IndexOf('=');
            if ((equals < 0 ? option : option[..equals]) == name)
                return equals < 0 ? "" : option[(equals + 1)..];
        }

        return null;
    }
}

/// <summary>The mounts of one mount namespace.</summary>
public sealed class MountTable
{
    /// <summary>Largest table that is read, bytes.</summary>
    public const int LimitBytes = 64 << 20;

    private const string SelfPath = "/proc/self/mountinfo";

    private MountTable(IReadOnlyList<MountEntry> entries) => Entries = entries;

    /// <summary>The mounts in the kernel's order: later mounts cover earlier ones at the same mount point.</summary>
    public IReadOnlyList<MountEntry> Entries { get; }

    /// <summary>The mounts of this process's namespace.</summary>
    public static MountTable Read() => ReadFile(SelfPath);

    /// <summary>The mounts that another process sees.</summary>
    public static MountTable Read(int pid) => ReadFile($"/proc/{pid}/mountinfo");

    /// <summary>
    /// Parses the text of a mountinfo file. Lines without the documented form are an error, because a guess at mounts could lose data.
    /// </summary>
    /// <exception cref="FormatException">A line is malformed.</exception>
    public static MountTable Parse(string text)
    {
        List<MountEntry> entries = [];
        foreach (string line in text.Split('\n'))
            if (line.Length > 0)
                entries.Add(ParseLine(line));
        return new MountTable(entries);
    }

    /// <summary>
    /// The mount that holds an absolute, already resolved path: the mount with the longest mount point above the path, and the last of
    /// equals.
    /// </summary>
    public MountEntry? Holding(string path)
    {
        MountEntry? best = null;
        foreach (MountEntry entry in Entries)
            if (IsAtOrBelow(path, entry.MountPoint) && (best is null || entry.MountPoint.Length >= best.MountPoint.Length))
                best = entry;
        return best;
    }

    /// <summary>The topmost mount at exactly this mount point; null when the path is not a mount point.</summary>
    public MountEntry? At(string mountPoint) => Entries.LastOrDefault(e => e.MountPoint == mountPoint);

    private static bool IsAtOrBelow(string path, string directory) =>
        directory == "/" || path == directory || (path.StartsWith(directory, StringComparison.Ordinal) && path[directory.Length] == '/');

    private static MountTable ReadFile(string path)
    {
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
        using MemoryStream all = new();
        byte[] buffer = new byte[64 << 10];
        int count;
        while ((count = FileContent.Read(file, buffer, all.Length)) > 0)
        {
            all.Write(buffer, 0, count);
            if (all.Length > LimitBytes)
                throw new LinuxException(Errno.EFBIG, "read", path);
        }

        return Parse(Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length));
    }

    private static MountEntry ParseLine(string line)
    {
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 6 || fields.Length < separator + 4)
            throw Malformed(line);
        string[] device = fields[2].Split(':');
        if (device.Length != 2 || !uint.TryParse(device[0], out uint major) || !uint.TryParse(device[1], out uint minor))
            throw Malformed(line);
        if (!int.TryParse(fields[0], out int id) || !int.TryParse(fields[1], out int parent))
            throw Malformed(line);
        return new MountEntry(
            id, parent, new DeviceNumber(major, minor), Unescape(fields[3]), Unescape(fields[4]), fields[5],
            fields[separator + 1], Unescape(fields[separator + 2]), Unescape(fields[separator + 3]));
    }

    /// <summary>Decodes the escapes of space, tab, newline and backslash: three octal digits after a backslash.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
            return text;
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && IsOctal(text[i + 1]) && IsOctal(text[i + 2]) && IsOctal(text[i + 3]))
            {
                plain.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';

    private static FormatException Malformed(string line) => new($"mountinfo: not a mount: {line}");
}
