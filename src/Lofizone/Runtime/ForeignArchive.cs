using System.Globalization;
using System.Text;

namespace Lofizone.Runtime;

/// <summary>Type of a name in an archive.</summary>
internal enum ArchiveKind
{
    File,
    Directory,

    /// <summary>A link, a device or another object, which is not copied.</summary>
    Other,
}

/// <summary>A name in an archive.</summary>
/// <param name="Path">The name's path, as the archive has it. It is checked by <see cref="ArchiveTarget"/>.</param>
/// <param name="Kind">The type.</param>
/// <param name="Mode">Permission bits, without set-ID and sticky bits.</param>
/// <param name="Size">Number of bytes that follow for a file.</param>
internal sealed record ArchiveEntry(string Path, ArchiveKind Kind, int Mode, long Size);

/// <summary>
/// Reads a tar archive (ustar, pax and GNU names) that a zone writes. Nothing in the archive is believed: names have a limit, a size is
/// only a number of bytes to pass on, and no memory depends on a size. A library would allocate what a header asks for.
/// </summary>
internal sealed class ForeignArchive(Stream archive)
{
    private const int Block = 512;
    private const int NameLimitBytes = 4096;
    private const int HeadersInRowLimit = 8;
    private const int PermissionBits = 0x1FF;

    private readonly byte[] _header = new byte[Block];
    private long _left;
    private long _padding;

    /// <summary>The next entry; null at the archive's end.</summary>
    /// <exception cref="InvalidDataException">This is no archive.</exception>
    public ArchiveEntry? Next()
    {
        Skip(_left + _padding);
        (_left, _padding) = (0, 0);
        string? longName = null;
        for (int headers = 0; headers < HeadersInRowLimit; headers++)
        {
            if (!ReadHeader())
                return null;
            long size = Number(124, 12);
            switch ((char)_header[156])
            {
                case 'L':
                    longName = Encoding.UTF8.GetString(Content(size)).TrimEnd('\0');
                    break;
                case 'x':
                    longName = PaxPath(Content(size)) ?? longName;
                    break;
                case 'g' or 'K':
                    _ = Content(size);
                    break;
                default:
                    return Entry(longName ?? Name(), size);
            }
        }

        throw new InvalidDataException("too many headers in a row");
    }

    /// <summary>Bytes of the present file; 0 at the file's end.</summary>
    public int Read(Span<byte> buffer)
    {
        int count = archive.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (count == 0 && _left > 0 && buffer.Length > 0)
            throw new InvalidDataException("it ends in the middle of a file");
        _left -= count;
        return count;
    }

    private ArchiveEntry Entry(string path, long size)
    {
        ArchiveKind kind = (char)_header[156] switch
        {
            '0' or '\0' or '7' => path.EndsWith('/') ? ArchiveKind.Directory : ArchiveKind.File,
            '5' => ArchiveKind.Directory,
            _ => ArchiveKind.Other,
        };
        // Links have a size in some archives, and no content in any.
        _left = kind == ArchiveKind.File ? size : 0;
        _padding = (Block - (_left % Block)) % Block;
        return new ArchiveEntry(path.TrimEnd('/'), kind, (int)Number(100, 8) & PermissionBits, _left);
    }

    /// <summary>Reads a header. False at the end, which is a block of zeros or the end of the stream.</summary>
    private bool ReadHeader()
    {
        int count = archive.ReadAtLeast(_header, Block, throwOnEndOfStream: false);
        if (count == 0)
            return false;
        if (count < Block)
            throw new InvalidDataException("it ends in the middle of a header");
        if (!_header.AsSpan().ContainsAnyExcept((byte)0))
            return false;
        // The checksum is the sum of all bytes, with blanks in its own place (tar(5)).
        long sum = 0;
        for (int at = 0; at < Block; at++)
            sum += at is >= 148 and < 156 ? ' ' : _header[at];
        return sum == Number(148, 8) ? true : throw new InvalidDataException("a header is damaged");
    }

    private string Name()
    {
        string name = Text(0, 100), prefix = Text(257, 5) == "ustar" && _header[262] == 0 ? Text(345, 155) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private string Text(int at, int length)
    {
        ReadOnlySpan<byte> field = _header.AsSpan(at, length);
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    private long Number(int at, int length)
    {
        long value = 0;
        foreach (char digit in Text(at, length).Trim(' '))
        {
            if (digit is < '0' or > '7')
                throw new InvalidDataException("a number in a header is none");
            value = (value * 8) + (digit - '0');
        }

        return value;
    }

    /// <summary>A small content that belongs to a header.</summary>
    private byte[] Content(long size)
    {
        if (size > NameLimitBytes)
            throw new InvalidDataException("a name in it is too long");
        byte[] content = new byte[size];
        if (archive.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length)
            throw new InvalidDataException("it ends in the middle of a name");
        Skip((Block - (size % Block)) % Block);
        return content;
    }

    /// <summary>The path in pax records (LENGTH KEYWORD=VALUE); null when there is none.</summary>
    private static string? PaxPath(byte[] records)
    {
        const string Keyword = "path=";
        for (int at = 0; at < records.Length;)
        {
            int blank = Array.IndexOf(records, (byte)' ', at);
            if (blank < 0 || !int.TryParse(records.AsSpan(at, blank - at), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length <= blank - at + 1 || length > records.Length - at)
                throw new InvalidDataException("a pax record is damaged");
            string record = Encoding.UTF8.GetString(records, blank + 1, at + length - blank - 1).TrimEnd('\n');
            if (record.StartsWith(Keyword, StringComparison.Ordinal))
                return record[Keyword.Length..];
            at += length;
        }

        return null;
    }

    private void Skip(long count)
    {
        byte[] buffer = new byte[16 * Block];
        while (count > 0)
        {
            int read = archive.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, count)));
            if (read == 0)
                throw new InvalidDataException("it ends in the middle of a file");
            count -= read;
        }
    }
}
