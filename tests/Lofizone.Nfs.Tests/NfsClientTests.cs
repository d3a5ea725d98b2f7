using System.Security.Cryptography;
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
        Assert.Null(await client.TryGetAttributesAsync("/export/web/root.img"));

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
}
