using System.Security.Cryptography;
using Lofizone.Nfs.Protocol;
using Lofizone.Testing.Nfs;

namespace Lofizone.Nfs.Tests;

/// <summary>All operations against a real server.</summary>
public sealed class NfsClientTests
{
    private static readonly NfsOpenOptions _create = new() { Create = NfsCreate.Unchecked, Write = true };

    [Theory]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(1, new[] { 1 })]
    public async Task Every_operation_works_and_the_minor_version_falls_back(int minor, int[] served)
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { MinorVersions = served });
        await using NfsClient client = await server.ConnectAsync();
        Assert.Equal(minor, client.MinorVersion);

        await client.CreateDirectoryAsync("/export/web", 0x1C0);
        Assert.Equal(NfsFileType.Directory, (await client.GetAttributesAsync("/export/web")).Type);
        Assert.Equal(0x1C0u, (await client.GetAttributesAsync("/export/web")).Mode);
        Assert.Null((await client.LookAsync([new("/export/web/root.img")]))[0].Attributes);

        byte[] data = RandomNumberGenerator.GetBytes(100_000);
        await using (NfsFile file = await client.OpenAsync("/export/web/root.img", _create))
        {
            await file.LockAsync();
            Assert.True(file.IsLocked);
            await file.SetLengthAsync(1 << 20);
            await file.WriteAsync(4096, data);
            await file.CommitAsync();
            Assert.Equal(0, client.Statistics.UncommittedBytes);
            byte[] back = new byte[data.Length];
            Assert.Equal(back.Length, await file.ReadAsync(4096, back));
            Assert.Equal(data, back);
            Assert.Equal(100, await file.ReadAsync((1 << 20) - 100, new byte[4096]));
            Assert.Equal(1 << 20, (await file.GetAttributesAsync()).Size);
            await file.CloseAsync();
        }
        Assert.Equal(1 << 20, new FileInfo(Path.Combine(server.ExportDirectory, "web/root.img")).Length);

        await client.RenameAsync("/export/web/root.img", "/export/web/other.img");
        NfsDirectoryEntry entry = Assert.Single(await client.ReadDirectoryAsync("/export/web"));
        Assert.Equal(("other.img", NfsFileType.Regular, 1 << 20), (entry.Name, entry.Attributes.Type, entry.Attributes.Size));
        Assert.Equal(NfsAccess.Read | NfsAccess.Modify, await client.GetAccessAsync("/export/web/other.img", NfsAccess.Read | NfsAccess.Modify));
        NfsSpace space = await client.GetSpaceAsync("/export");
        Assert.True(space.Total > space.Free && space.Free >= space.Available && space.Available > 0);
        await client.RemoveAsync("/export/web/other.img");
        await client.RemoveAsync("/export/web");
        Assert.Empty(Directory.GetFileSystemEntries(server.ExportDirectory));
    }

    [Fact]
    public async Task Packed_writes_are_proved_by_the_server_itself_and_no_file_is_left()
    {
        const int Block = 4096, Blocks = 4096;
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsClient client = await server.ConnectAsync();
        await using NfsFile file = await client.OpenAsync("/export/image", _create with { DenyWrite = true });
        await file.LockAsync();
        byte[] data = RandomNumberGenerator.GetBytes(Block * Blocks);
        for (int attempt = 0; attempt < 100 && client.Statistics.PackedWrites is null; attempt++)
            await Task.WhenAll(Enumerable.Range(0, Blocks).Select(block => file.WriteAsync((long)block * Block, data.AsMemory(block * Block, Block)).AsTask()));
        Assert.True(client.Statistics.PackedWrites);

        RandomNumberGenerator.Fill(data);
        long before = client.Statistics.Operations;
        await Task.WhenAll(Enumerable.Range(0, Blocks).Select(block => file.WriteAsync((long)block * Block, data.AsMemory(block * Block, Block)).AsTask()));
        Assert.InRange(client.Statistics.Operations - before, 1, Blocks - 1);
        await file.CommitAsync();
        await file.CloseAsync();

        Assert.Equal(data, await File.ReadAllBytesAsync(Path.Combine(server.ExportDirectory, "image")));
        Assert.Equal(["image"], [.. Directory.EnumerateFileSystemEntries(server.ExportDirectory).Select(Path.GetFileName)]);
    }

    [Fact]
    public async Task Open_denies_other_writers_and_the_lock_names_its_holder()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsClient first = await server.ConnectAsync();
        await using NfsClient second = await server.ConnectAsync();
        await using (NfsFile held = await first.OpenAsync("/export/image", _create with { DenyWrite = true }))
        {
            NfsException denied = await Assert.ThrowsAsync<NfsException>(() => second.OpenAsync("/export/image", _create));
            Assert.Equal(NfsStatus.ShareDenied, denied.Status);
        }
        await using NfsFile mine = await first.OpenAsync("/export/image", _create);
        await using NfsFile theirs = await second.OpenAsync("/export/image", _create);
        await mine.LockAsync();
        NfsLockedException locked = await Assert.ThrowsAsync<NfsLockedException>(() => theirs.LockAsync());
        Assert.StartsWith("testhost:", locked.Holder.Owner, StringComparison.Ordinal);
        Assert.StartsWith("testhost:", (await second.GetLockHolderAsync("/export/image"))!.Owner, StringComparison.Ordinal);
        await mine.UnlockAsync();
        Assert.Null(await second.GetLockHolderAsync("/export/image"));
        await theirs.LockAsync();
    }

    [Fact]
    public async Task Large_and_small_requests_in_parallel_keep_their_data_and_the_bound_of_uncommitted_bytes()
    {
        const int Megabytes = 160;
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsClient client = await server.ConnectAsync();
        await using NfsFile file = await client.OpenAsync("/export/image", _create);
        byte[] data = RandomNumberGenerator.GetBytes(Megabytes << 20);
        int[] sizes = [4096, 65536, 1 << 20, (4 << 20) + 512];
        List<Task> writes = [];
        for (int at = 0, i = 0; at < data.Length; i++)
        {
            int length = Math.Min(sizes[i % sizes.Length], data.Length - at);
            writes.Add(file.WriteAsync(at, data.AsMemory(at, length)).AsTask());
            Assert.True(client.Statistics.UncommittedBytes <= 64 << 20);
            at += length;
        }
        await Task.WhenAll(writes);
        await file.CommitAsync();
        Assert.Equal(0, client.Statistics.UncommittedBytes);
        Assert.True(data.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(server.ExportDirectory, "image"))));
        byte[] back = new byte[data.Length];
        Assert.Equal(back.Length, await file.ReadAsync(0, back));
        Assert.True(data.AsSpan().SequenceEqual(back));
        Task<int>[] small = [.. Enumerable.Range(0, 1000).Select(i => file.ReadAsync(i * 4096L, back.AsMemory(i * 4096, 4096)).AsTask())];
        Assert.All(await Task.WhenAll(small), count => Assert.Equal(4096, count));
        Assert.True(data.AsSpan().SequenceEqual(back));
    }

    [Fact]
    public async Task A_deallocated_range_reads_as_zeros_and_gives_its_space_back()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsClient client = await server.ConnectAsync();
        await using NfsFile file = await client.OpenAsync("/export/image", _create);
        byte[] data = new byte[1 << 20];
        Array.Fill(data, (byte)7);
        await file.WriteAsync(0, data);
        await file.CommitAsync();
        long before = (await file.GetAttributesAsync()).SpaceUsed;
        await file.DeallocateAsync(65536, 512 * 1024);
        await file.CommitAsync();
        Assert.True((await file.GetAttributesAsync()).SpaceUsed < before);
        Array.Clear(data, 65536, 512 * 1024);
        byte[] back = new byte[1 << 20];
        await file.ReadAsync(0, back);
        Assert.Equal(data, back);
    }

    [Fact]
    public async Task A_server_without_deallocate_says_so()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { MinorVersions = [1] });
        await using NfsClient client = await server.ConnectAsync();
        await using NfsFile file = await client.OpenAsync("/export/image", _create);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await file.DeallocateAsync(0, 4096));
    }
}
