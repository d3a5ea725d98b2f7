namespace Lofizone.Interop;

/// <summary>A file was expected, but the object is of another type: a fifo, a socket, a device, a directory.</summary>
public sealed class NotRegularFileException(FileKind kind, string path) : IOException($"{path}: {Describe(kind)}")
{
    public FileKind Kind { get; } = kind;

    /// <summary>The message without the path.</summary>
    public string Reason => Describe(Kind);

    private static string Describe(FileKind kind) => kind switch
    {
        FileKind.Fifo => "a fifo and no file",
        FileKind.CharacterDevice or FileKind.BlockDevice => "a device and no file",
        FileKind.Directory => "a directory and no file",
        FileKind.SymbolicLink => "a symbolic link and no file",
        _ => "a socket and no file",
    };
}

/// <summary>
/// Opens files in places where another party may have put any object: in a zone's root, or on a share. The code checks the type of the name
/// first, and then opens the file behind the checked descriptor. So no object is opened whose open blocks (a fifo), has an effect (a
/// device) or makes a terminal the controlling terminal.
/// </summary>
public static class RegularFile
{
    private const OpenFlags NoControllingTerminal = (OpenFlags)0x100;
    private const int FirstBytes = 16 << 10;

    /// <summary>Opens a file below a directory, under the given rules of resolution.</summary>
    /// <exception cref="LinuxException">ENOENT; ELOOP and EXDEV according to the rules.</exception>
    /// <exception cref="NotRegularFileException">The object is not a regular file.</exception>
    public static FileDescriptor Open(FileDescriptor directory, string path, OpenFlags flags, ResolveFlags resolve)
    {
        using FileDescriptor name = Files.OpenAt(directory, path, OpenFlags.Path, resolve);
        FileKind kind = FileStatus.Of(name).Kind;
        if (kind != FileKind.Regular)
            throw new NotRegularFileException(kind, path);
        using DescriptorUse use = new(name);
        try
        {
            return Files.Open(
                $"/proc/self/fd/{use.Number}",
                flags | OpenFlags.NonBlocking | NoControllingTerminal);
        }
        catch (LinuxException e)
        {
            throw new LinuxException(e.Errno, "open", path);
        }
    }

    /// <summary>
    /// The content from the start, at most <paramref name="limitBytes"/>. The file's length is not trusted, because the file may grow
    /// meanwhile.
    /// </summary>
    public static byte[] Read(FileDescriptor file, int limitBytes)
    {
        byte[] content = new byte[(int)Math.Clamp(FileStatus.Of(file).Size + 1, Math.Min(FirstBytes, limitBytes), limitBytes)];
        int length = 0;
        while (true)
        {
            int count = FileContent.Read(file, content.AsSpan(length), length);
            length += count;
            if (length < content.Length || length == limitBytes)
                return content[..length];
            Array.Resize(ref content, (int)Math.Min(limitBytes, content.Length * 2L));
        }
    }
}
