using System.Security.Cryptography;
using Lofizone.Interop;
using Lofizone.Shares;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Shares;

/// <summary>Clones and copies of whole images, on every kind of share.</summary>
public sealed class ImageCopyTests : IAsyncLifetime
{
    private const int Mebibyte = 1 << 20;
    private const int ImageBytes = 8 * Mebibyte;
    private const string XfsBytes = "320M";

    // scripts/clean-leftovers expects this name.
    private readonly string _root = Directory.CreateTempSubdirectory($"lofizone-test-{Environment.ProcessId}-").FullName;
    private readonly byte[] _content = new byte[ImageBytes];
    private GaneshaServer? _server;
    private string? _mounted;

    public ValueTask InitializeAsync()
    {
        RandomNumberGenerator.Fill(_content.AsSpan(Mebibyte, Mebibyte));
        RandomNumberGenerator.Fill(_content.AsSpan(5 * Mebibyte, 4096));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_mounted is not null)
            await TestProgram.RunAsync("umount", _mounted);
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("dir")]
    [InlineData("xfs")]
    [InlineData("nfs")]
    public async Task A_copy_has_the_same_bytes_and_the_same_holes(string kind)
    {
        (IShare share, string directory) = await MakeAsync(kind);
        await using (share)
        {
            List<long> progress = [];
            await share.CopyImageAsync("a.img", "b.img", new Collector(progress), Cancellation);
            Assert.Equal(_content, await File.ReadAllBytesAsync(Path.Combine(directory, "b.img"), Cancellation));
            IReadOnlyList<DataRange> map = await share.MapImageAsync("b.img", Cancellation);
            Assert.Equal(await share.MapImageAsync("a.img", Cancellation), map);
            Assert.Equal(2, map.Count);
            Assert.Equal(map.Sum(range => range.Length), progress[^1]);
            Assert.InRange((await share.StatAsync("b.img", Cancellation))!.Allocated, Mebibyte, 3 * Mebibyte);

            LofizoneException exists = await Assert.ThrowsAsync<LofizoneException>(() => share.CopyImageAsync("a.img", "b.img", null, Cancellation));
            Assert.Contains("exists already", exists.Message, StringComparison.Ordinal);
            Assert.Equal(_content, await File.ReadAllBytesAsync(Path.Combine(directory, "b.img"), Cancellation));
        }
    }

    [Theory]
    [InlineData("dir", false)]
    [InlineData("xfs", true)]
    [InlineData("nfs", false)]
    public async Task A_clone_is_made_where_the_share_can_and_nothing_where_it_can_not(string kind, bool able)
    {
        (IShare share, string directory) = await MakeAsync(kind);
        await using (share)
        {
            // A file system of the host that shares blocks would be enough, too.
            bool made = await share.CloneImageAsync("a.img", "b.img", Cancellation);
            Assert.True(made == able || kind == "dir", $"{kind}: {made}");
            Assert.Equal(made, File.Exists(Path.Combine(directory, "b.img")));
            if (made)
                Assert.Equal(_content, await File.ReadAllBytesAsync(Path.Combine(directory, "b.img"), Cancellation));
        }
    }

    [Theory]
    [InlineData("dir")]
    [InlineData("nfs")]
    public async Task An_image_in_use_is_not_copied_and_nothing_is_left(string kind)
    {
        (IShare share, string directory) = await MakeAsync(kind);
        await using (share)
        {
            await using IAsyncDisposable owner = await HoldAsync(share, directory);
            foreach (Func<Task> copy in new Func<Task>[] { () => share.CopyImageAsync("a.img", "b.img", null, Cancellation), () => share.CloneImageAsync("a.img", "b.img", Cancellation) })
            {
                LofizoneException refused = await Assert.ThrowsAsync<LofizoneException>(copy);
                Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
            }

            Assert.False(File.Exists(Path.Combine(directory, "b.img")));
        }
    }

    private static async Task<IAsyncDisposable> HoldAsync(IShare share, string directory)
    {
        if (share is NfsShare)
        {
            NfsShare other = await NfsShare.OpenAsync(share.Uri, cancellation: Cancellation);
            Nfs.NfsFile file = await other.Client.OpenAsync(share.Uri.Path + "/a.img", new Nfs.Protocol.NfsOpenOptions { Write = true, DenyWrite = true }, Cancellation);
            await file.LockAsync(Cancellation);
            return other;
        }

        FileDescriptor held = Files.Open(Path.Combine(directory, "a.img"), OpenFlags.ReadWrite);
        Assert.True(OfdLock.TryLock(held));
        return new Held(held);
    }

    private async Task<(IShare Share, string Directory)> MakeAsync(string kind)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_root, "share")).FullName;
        if (kind == "nfs")
        {
            _server = await GaneshaServer.StartAsync(new GaneshaOptions(), Cancellation);
            directory = _server.ExportDirectory;
        }
        else if (kind == "xfs")
        {
            string image = Path.Combine(_root, "xfs.img");
            await TestProgram.RunAsync("truncate", "-s", XfsBytes, image);
            await TestProgram.RunAsync("mkfs.xfs", "-q", image);
            await TestProgram.RunAsync("mount", "-o", "loop", image, directory);
            _mounted = directory;
        }

        await using (FileStream file = new(Path.Combine(directory, "a.img"), FileMode.CreateNew))
        {
            file.SetLength(ImageBytes);
            foreach ((int offset, int length) in new[] { (Mebibyte, Mebibyte), (5 * Mebibyte, 4096) })
            {
                file.Position = offset;
                await file.WriteAsync(_content.AsMemory(offset, length), Cancellation);
            }
        }

        return (_server is null ? new DirShare(ShareUri.Parse("dir:" + directory)) : await NfsShare.OpenAsync(ShareUri.Parse(_server.Uri), cancellation: Cancellation), directory);
    }

    /// <summary>Reports at once, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Collector(List<long> all) : IProgress<long>
    {
        public void Report(long value) => all.Add(value);
    }

    private sealed class Held(FileDescriptor file) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
