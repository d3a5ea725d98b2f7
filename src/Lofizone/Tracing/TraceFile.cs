using Lofizone.Interop;

namespace Lofizone.Tracing;

/// <summary>A trace on disk. A file that has grown to its limit is put aside, and a new file begins; one old file is kept.</summary>
/// <param name="path">Path of the file. The old file has the same name with <c>.1</c> behind it.</param>
/// <param name="limitBytes">Limit for each of the two files, bytes.</param>
internal sealed class TraceFile(string path, long limitBytes) : IDisposable
{
    /// <summary>
    /// Size of a trace before it is put aside, bytes. With the old files, eight traced devices keep at most a gigabyte on the host.
    /// </summary>
    public const long DefaultLimitBytes = 64 << 20;

    private const uint Mode = 0x180; // 0600

    private FileDescriptor? _file;
    private long _bytes;

    /// <summary>Appends lines, and makes the file when it is missing.</summary>
    /// <exception cref="LinuxException">The file can't be written: no space, or no directory.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        if (_file is not null && _bytes + lines.Length > limitBytes)
            PutAside();
        if (_file is null)
        {
            _file = Files.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow, Mode);
            _bytes = FileStatus.Of(_file).Size;
        }
        CopyFile.Write(_file, lines);
        _bytes += lines.Length;
    }

    public void Dispose() => _file?.Dispose();

    private void PutAside()
    {
        _file!.Dispose();
        _file = null;
        File.Move(path, path + ".1", overwrite: true);
    }
}
