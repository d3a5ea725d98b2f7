using Lofizone.Interop;

namespace Lofizone.Tracing;

/// <summary>A trace on disk: grows to its limit, is put aside then, and begins anew; one old one is kept.</summary>
/// <param name="path">Where it is; the one before has the same name with <c>.1</c> behind it.</param>
/// <param name="limitBytes">Of each of the two.</param>
internal sealed class TraceFile(string path, long limitBytes) : IDisposable
{
    /// <summary>
    /// Bytes of a trace before it is put aside: with the one before, a gigabyte at most stays on the host for eight traced devices.
    /// </summary>
    public const long DefaultLimitBytes = 64 << 20;

    private const uint Mode = 0x180; // 0600

    private FileDescriptor? _file;
    private long _bytes;

    /// <summary>Appends, and makes the file when it is not there.</summary>
    /// <exception cref="LinuxException">It can't be written: no space, no directory.</exception>
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
