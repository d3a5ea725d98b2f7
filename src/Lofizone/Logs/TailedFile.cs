using System.Text;
using Lofizone.Interop;

namespace Lofizone.Logs;

/// <summary>
/// The lines of a log that others write, as they come. The reader follows when the file is put aside under another name, and begins anew
/// when the file was cut.
/// </summary>
/// <param name="path">The file, which may not exist yet.</param>
public sealed class TailedFile(string path) : IDisposable
{
    /// <summary>Most bytes that are read at once. Of a longer file the end is read.</summary>
    private const int LimitBytes = 8 << 20;

    /// <summary>Longest line, bytes. A longer line is cut into several.</summary>
    private const int LineLimitBytes = 64 << 10;

    private readonly List<byte> _begun = [];
    private FileDescriptor? _file;
    private long _position;

    /// <summary>All whole lines of a file, of a long file the last ones; none when the file does not exist.</summary>
    public static IReadOnlyList<string> ReadAll(string path)
    {
        using TailedFile file = new(path);
        return file.ReadNew();
    }

    /// <summary>The lines that have come since the last call; at the first call all.</summary>
    public IReadOnlyList<string> ReadNew()
    {
        List<string> lines = [];
        FileStatus? named = FileStatus.At(path);
        if (_file is not null)
        {
            // A file that was put aside is read to its end, before the file that has its name now.
            ReadOn(lines);
            if (named is not { } now || now.Inode == FileStatus.Of(_file).Inode)
                return lines;
            _file.Dispose();
            (_file, _position) = (null, 0);
        }

        if (named is not { Kind: FileKind.Regular })
            return lines;
        try
        {
            _file = Files.Open(path, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return lines;
        }

        ReadOn(lines);
        return lines;
    }

    public void Dispose() => _file?.Dispose();

    private void ReadOn(List<string> lines)
    {
        long size = FileStatus.Of(_file!).Size;
        if (size < _position)
        {
            _position = 0;
            _begun.Clear();
        }

        bool skips = size - _position > LimitBytes;
        if (skips)
        {
            _position = size - LimitBytes;
            _begun.Clear();
        }

        byte[] bytes = new byte[(int)(size - _position)];
        int count = FileContent.Read(_file!, bytes, _position);
        _position += count;
        foreach (byte b in bytes.AsSpan(0, count))
        {
            if (b != (byte)'\n' && _begun.Count < LineLimitBytes)
            {
                _begun.Add(b);
                continue;
            }

            // The first line behind a leap is the rest of a line.
            if (!skips)
                lines.Add(Encoding.UTF8.GetString([.. _begun]));
            skips = false;
            _begun.Clear();
            if (b != (byte)'\n')
                _begun.Add(b);
        }
    }
}
