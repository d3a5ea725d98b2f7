using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

/// <summary>Objects that a share's writer can put in the place of one of the program's files.</summary>
public sealed class ForeignFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-foreign-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_fifo_a_link_a_directory_and_a_file_of_any_length_end_the_reader_with_the_reason()
    {
        DescriptorPath.MakeFifo(_directory + "/fifo");
        File.CreateSymbolicLink(_directory + "/link", "/dev/zero");
        Directory.CreateDirectory(_directory + "/directory");
        using (FileStream sparse = new(_directory + "/sparse", FileMode.CreateNew))
            sparse.SetLength(1L << 43);
        await File.WriteAllTextAsync(_directory + "/four", "four", Cancellation);

        await using DirShare share = new(ShareUri.Parse("dir:" + _directory));
        await RefusedAsync("fifo", "neither a regular file nor a directory");
        await RefusedAsync("link", "symbolic link");
        await RefusedAsync("directory", "neither a regular file");
        await RefusedAsync("sparse", "8796093022208 bytes, more than the 4");
        Assert.Equal("four"u8.ToArray(), await share.ReadFileAsync("four", 4, Cancellation));
        Assert.Null(await share.ReadFileAsync("nothing", 4, Cancellation));
        foreach (Func<Task> use in (Func<Task>[])[() => share.RemoveImageAsync("fifo", Cancellation), () => share.MapImageAsync("fifo", Cancellation), () => share.CloneImageAsync("fifo", "new", Cancellation)])
            Assert.Contains("neither a regular file", (await Assert.ThrowsAsync<LofizoneException>(use)).Message, StringComparison.Ordinal);
        Assert.True(Path.Exists(_directory + "/fifo"));

        async Task RefusedAsync(string name, string why) =>
            Assert.Contains(why, (await Assert.ThrowsAsync<LofizoneException>(() => share.ReadFileAsync(name, 4, Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_grows_while_it_is_read_is_read_up_to_the_limit()
    {
        await File.WriteAllTextAsync(_directory + "/log", "begin", Cancellation);
        using FileDescriptor root = Files.Open(_directory, OpenFlags.Directory);
        using FileDescriptor file = RegularFile.Open(root, "log", OpenFlags.ReadOnly, ResolveFlags.Beneath);
        await File.AppendAllTextAsync(_directory + "/log", new string('x', 100_000), Cancellation);
        Assert.Equal(100_005, RegularFile.Read(file, 1 << 20).Length);
        Assert.Equal(50_000, RegularFile.Read(file, 50_000).Length);
    }
}
