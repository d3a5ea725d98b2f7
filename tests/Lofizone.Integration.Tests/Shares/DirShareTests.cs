using System.Text;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Shares;

namespace Lofizone.Integration.Tests.Shares;

/// <summary>A share that is a directory, on the real file system.</summary>
public sealed class DirShareTests : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lofizone-share-").FullName;
    private readonly string _directory;
    private readonly DirShare _share;

    public DirShareTests()
    {
        _directory = Directory.CreateDirectory(Path.Combine(_root, "share")).FullName;
        _share = new DirShare(ShareUri.Parse("dir:" + _directory));
    }

    public async ValueTask DisposeAsync()
    {
        await _share.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_file_is_replaced_whole_with_mode_0600_and_no_temporary_name_stays()
    {
        Assert.True(await _share.CreateDirectoryAsync("web", Cancellation));
        Assert.False(await _share.CreateDirectoryAsync("web", Cancellation));
        await _share.WriteFileAsync("web/zone.json", "first"u8.ToArray(), Cancellation);
        await _share.WriteFileAsync("web/zone.json", "second"u8.ToArray(), Cancellation);

        Assert.Equal("second", Encoding.UTF8.GetString((await _share.ReadFileAsync("web/zone.json", 100, Cancellation))!));
        Assert.Equal(["zone.json"], await _share.ListAsync("web", Cancellation));
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(_directory, "web/zone.json")));
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(Path.Combine(_directory, "web")));
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_removing_it_is_fine()
    {
        Assert.Null(await _share.ReadFileAsync("web/zone.json", 100, Cancellation));
        Assert.Null(await _share.StatAsync("web", Cancellation));
        Assert.Null(await _share.ListAsync("web", Cancellation));
        await _share.RemoveAsync("web/zone.json", Cancellation);
        await _share.RemoveAsync("web", Cancellation);
    }

    [Fact]
    public async Task Files_and_empty_directories_are_removed_and_a_full_directory_is_not()
    {
        await _share.CreateDirectoryAsync("web", Cancellation);
        await _share.WriteFileAsync("web/zone.json", "x"u8.ToArray(), Cancellation);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _share.RemoveAsync("web", Cancellation));
        Assert.Contains("not empty", error.Message, StringComparison.Ordinal);
        await _share.RemoveAsync("web/zone.json", Cancellation);
        await _share.RemoveAsync("web", Cancellation);
        Assert.Empty((await _share.ListAsync("", Cancellation))!);
    }

    [Fact]
    public async Task An_image_is_sparse_private_and_never_made_twice()
    {
        await _share.CreateImageAsync("root.img", 1L << 30, Cancellation);
        ShareEntry entry = (await _share.StatAsync("root.img", Cancellation))!;
        Assert.Equal((false, 1L << 30), (entry.IsDirectory, entry.Size));
        Assert.InRange(entry.Allocated, 0, 1 << 20);
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(_directory, "root.img")));
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _share.CreateImageAsync("root.img", 4096, Cancellation));
        Assert.Equal($"{_directory}/root.img: exists already", error.Message);
        Assert.Equal(1L << 30, (await _share.StatAsync("root.img", Cancellation))!.Size);
    }

    [Fact]
    public async Task No_symbolic_link_is_followed_by_any_call()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_root, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "secret", Cancellation);
        Directory.CreateSymbolicLink(Path.Combine(_directory, "web"), outside);
        File.CreateSymbolicLink(Path.Combine(_directory, "zone.json"), Path.Combine(outside, "secret"));

        Func<Task>[] calls =
        [
            () => _share.ReadFileAsync("web/secret", 100, Cancellation),
            () => _share.ReadFileAsync("zone.json", 100, Cancellation),
            () => _share.WriteFileAsync("web/secret", "x"u8.ToArray(), Cancellation),
            () => _share.CreateDirectoryAsync("web/new", Cancellation),
            () => _share.CreateDirectoryAsync("web", Cancellation),
            () => _share.ListAsync("web", Cancellation),
            () => _share.CreateImageAsync("web/root.img", 4096, Cancellation),
            () => _share.StatAsync("web/secret", Cancellation),
            () => _share.StatAsync("zone.json", Cancellation),
            () => _share.RemoveAsync("web/secret", Cancellation),
        ];
        foreach (Func<Task> call in calls)
            await Assert.ThrowsAsync<LofizoneException>(call);
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside, "secret"), Cancellation));

        // The write of a file replaces a link of the same name, and does not follow the link.
        await _share.WriteFileAsync("zone.json", "ours"u8.ToArray(), Cancellation);
        Assert.Null(new FileInfo(Path.Combine(_directory, "zone.json")).LinkTarget);
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside, "secret"), Cancellation));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    public async Task A_path_that_leaves_the_share_is_a_mistake_of_the_caller(string path) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _share.ReadFileAsync(path, 100, Cancellation));

    [Fact]
    public async Task A_file_larger_than_expected_is_refused()
    {
        await _share.WriteFileAsync("zone.json", new byte[101], Cancellation);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _share.ReadFileAsync("zone.json", 100, Cancellation));
        Assert.Contains("101 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_refused_with_how_to_make_it()
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => new DirShare(ShareUri.Parse(_root + "/missing")));
        Assert.Equal($"dir:{_root}/missing: there is no such directory on this host", error.Message);
        Assert.Contains($"mkdir -m 700 -p {_root}/missing", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_reached_through_a_symbolic_link_is_refused_with_the_real_path()
    {
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), _directory);
        LofizoneException error = Assert.Throws<LofizoneException>(() => new DirShare(ShareUri.Parse(_root + "/link")));
        Assert.Contains(_directory, error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_share_is_made_on_first_use_for_root_alone()
    {
        HostPaths paths = new(_root);
        ShareUri uri = DirShare.Default(paths);
        Assert.Equal($"dir:{_root}/var/lib/lofizone/share", uri.ToString());
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(uri.Path));
        Assert.Equal(uri, DirShare.Default(paths));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mkfile_takes_the_space_unless_told_not_to_and_overwrites_nothing(bool sparse)
    {
        ShareUri file = ShareUri.Parse(Path.Combine(_directory, "zone1_file"));
        await MakeFile.MakeAsync(Share.OpenAsync, file, 100L << 20, sparse, SilentReporter.Instance, Cancellation);
        ShareEntry entry = (await _share.StatAsync("zone1_file", Cancellation))!;
        Assert.Equal(100L << 20, entry.Size);
        Assert.Equal(sparse, entry.Allocated < entry.Size);
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(file.Path));
        await Assert.ThrowsAsync<LofizoneException>(() => MakeFile.MakeAsync(Share.OpenAsync, file, 4096, sparse, SilentReporter.Instance, Cancellation));
        Assert.Equal(100L << 20, (await _share.StatAsync("zone1_file", Cancellation))!.Size);
    }

    [Fact]
    public async Task Mkfile_of_more_than_the_share_has_says_so_and_leaves_nothing()
    {
        ShareUri file = ShareUri.Parse(Path.Combine(_directory, "zone1_file"));
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => MakeFile.MakeAsync(Share.OpenAsync, file, 1L << 50, false, SilentReporter.Instance, Cancellation));
        Assert.Contains("1.0 PiB don't fit", error.Message, StringComparison.Ordinal);
        Assert.Empty((await _share.ListAsync("", Cancellation))!);
    }
}
