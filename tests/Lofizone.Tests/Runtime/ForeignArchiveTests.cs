using System.Formats.Tar;
using System.Text;
using CsCheck;
using Lofizone.Interop;
using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class ForeignArchiveTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.V7)]
    public void Files_and_directories_of_every_format_are_copied(TarEntryFormat format)
    {
        string deep = string.Join('/', Enumerable.Repeat("directory", format == TarEntryFormat.V7 ? 3 : 9)), large = new('x', 100_000);
        byte[] archive = Archive(format, ("it/", null), ($"it/{deep}/file", large), ("it/empty", ""), ("it/näme", "1"));
        ArchiveTarget target = Extract(archive, "it", "copy");
        Assert.Equal(3, target.Files);
        Assert.Equal(large, File.ReadAllText(Path.Combine(_directory, "copy", deep, "file")));
        Assert.Equal("", File.ReadAllText(Path.Combine(_directory, "copy/empty")));
        Assert.Equal("1", File.ReadAllText(Path.Combine(_directory, "copy/näme")));
        // Only complete files have names.
        Assert.Empty(Directory.GetFiles(_directory, ".*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("it/../../x")]
    [InlineData("/etc/x")]
    [InlineData("other")]
    [InlineData("it//x")]
    [InlineData("it/./x")]
    [InlineData("")]
    public void A_path_that_was_not_asked_for_is_refused(string path)
    {
        Assert.Throws<InvalidDataException>(() => Extract(Archive(TarEntryFormat.Pax, (path.Length == 0 ? "." : path, "hostile")), "it", "copy"));
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void No_link_is_made_followed_or_written_through()
    {
        string outside = Directory.CreateTempSubdirectory("lofizone-tests-").FullName;
        try
        {
            // Links that were there before, as a process of a user of this host may put them.
            Directory.CreateDirectory(Path.Combine(_directory, "copy"));
            File.CreateSymbolicLink(Path.Combine(_directory, "copy/file"), Path.Combine(outside, "file"));
            File.CreateSymbolicLink(Path.Combine(_directory, "copy/sub"), outside);
            ArchiveTarget target = Extract(Archive(TarEntryFormat.Pax, ("it/file", "new"), ("it/link -> /etc/passwd", null)), "it", "copy");
            Assert.Equal((1L, 1L), (target.Files, target.LeftOutCount));
            Assert.Equal("new", File.ReadAllText(Path.Combine(_directory, "copy/file")));
            Assert.Null(new FileInfo(Path.Combine(_directory, "copy/file")).LinkTarget);
            Assert.ThrowsAny<IOException>(() => Extract(Archive(TarEntryFormat.Pax, ("it/sub/file", "new")), "it", "copy"));
            Assert.Empty(Directory.GetFileSystemEntries(outside));
            Assert.False(File.Exists(Path.Combine(_directory, "copy/link")));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public void Set_ID_bits_are_dropped_and_the_owner_may_use_a_directory()
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "it") { Mode = UnixFileMode.None });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "it/su") { Mode = (UnixFileMode)0xFED });
        }

        Extract(stream.ToArray(), "it", "copy");
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Path.Combine(_directory, "copy/su")));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Path.Combine(_directory, "copy")) & (UnixFileMode)0x1C0);
    }

    [Fact]
    public void A_size_asks_for_no_memory_and_an_archive_that_ends_early_leaves_no_file()
    {
        byte[] archive = Archive(TarEntryFormat.Ustar, ("it", "abc"));
        Header(archive, size: "77777777777");
        Assert.Throws<InvalidDataException>(() => Extract(archive, "it", "copy"));
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
        // The same size for a name.
        archive[156] = (byte)'L';
        Header(archive, size: "77777777777");
        Assert.Throws<InvalidDataException>(() => Extract(archive, "it", "copy"));
    }

    /// <summary>Whatever a zone writes, the reader ends, and fails in no other way.</summary>
    [Fact]
    public void A_damaged_archive_is_refused_or_read_in_part()
    {
        byte[] sound = Archive(TarEntryFormat.Pax, ("it/", null), ("it/" + new string('n', 120), "content"), ("it/b", "more"));
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Bool, Gen.Int[0, sound.Length]).Sample((at, value, sum, length) =>
        {
            byte[] archive = sound[..Math.Max(length, 1)];
            archive[at % archive.Length] = value;
            if (sum && archive.Length >= 512)
                Header(archive);
            ForeignArchive reader = new(new MemoryStream(archive));
            byte[] buffer = new byte[64];
            try
            {
                while (reader.Next() is not null)
                {
                    while (reader.Read(buffer) > 0)
                    {
                        // Only the end counts.
                    }
                }
            }
            catch (InvalidDataException)
            {
                // The only failure.
            }
        });
    }

    /// <summary>An archive of names: with content a file, without a directory, and with an arrow a symbolic link.</summary>
    private static byte[] Archive(TarEntryFormat format, params (string Path, string? Content)[] names)
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, format, leaveOpen: true))
        {
            foreach ((string path, string? content) in names)
            {
                string[] parts = path.Split(" -> ");
                TarEntryType type = parts.Length > 1 ? TarEntryType.SymbolicLink : content is null ? TarEntryType.Directory
                    : format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile;
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(type, parts[0]),
                    TarEntryFormat.Ustar => new UstarTarEntry(type, parts[0]),
                    TarEntryFormat.Gnu => new GnuTarEntry(type, parts[0]),
                    _ => new PaxTarEntry(type, parts[0]),
                };
                if (parts.Length > 1)
                    entry.LinkName = parts[1];
                if (content is not null)
                    entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Writes the size into the first header, and its checksum.</summary>
    private static void Header(byte[] archive, string? size = null)
    {
        if (size is not null)
            Encoding.ASCII.GetBytes(size).CopyTo(archive, 124);
        archive.AsSpan(148, 8).Fill((byte)' ');
        int sum = archive.Take(512).Sum(b => b);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(archive, 148);
    }

    private ArchiveTarget Extract(byte[] archive, string asked, string name)
    {
        using DirectoryHandle directory = DirectoryHandle.Open(_directory);
        ArchiveTarget target = new(directory, asked, name);
        ForeignArchive reader = new(new MemoryStream(archive));
        while (reader.Next() is { } entry)
            target.Take(entry, reader);
        return target;
    }
}
