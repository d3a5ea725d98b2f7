using System.Security.Cryptography;
using Lofizone.Nfs;
using Lofizone.Nfs.Protocol;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>Copies by the server (RFC 7862): COPY everywhere, CLONE where the server's file system shares blocks.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class CopyTests(Laboratory lab)
{
    private const int FileBytes = 8 << 20;
    private static readonly NfsOpenOptions _create = new() { Create = NfsCreate.Unchecked, Write = true };

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task A_copy_is_made_by_the_server_and_is_on_its_disk_when_it_is_reported(string export)
    {
        byte[] data = RandomNumberGenerator.GetBytes(FileBytes);
        await using NfsClient client = await lab.ConnectAsync();
        await using NfsFile source = await WriteAsync(client, $"/srv/{export}/copied", data);
        await using NfsFile target = await client.OpenAsync($"/srv/{export}/copy", _create);
        await source.CopyToAsync(target, 4096, 0, FileBytes - 4096 - 100);
        byte[] expected = data[4096..^100];
        Assert.Equal(expected.Length, (await target.GetAttributesAsync()).Size);
        Assert.Equal(Sum(expected), await SumAsync($"/srv/{export}/copy"));
        await RemoveAsync(client, source, target);
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task A_clone_shares_the_blocks_and_a_later_write_is_seen_by_one_file_only(string export)
    {
        byte[] data = RandomNumberGenerator.GetBytes(FileBytes);
        await using NfsClient client = await lab.ConnectAsync();
        await using NfsFile source = await WriteAsync(client, $"/srv/{export}/cloned", data);
        await using NfsFile target = await client.OpenAsync($"/srv/{export}/clone", _create);
        await source.CloneToAsync(target, 0, 0, FileBytes);
        Assert.Equal(Sum(data), await SumAsync($"/srv/{export}/clone"));
        Assert.Contains("shared", await lab.Server.CheckedAsync($"sync; filefrag -v /srv/{export}/clone"), StringComparison.Ordinal);
        await source.WriteAsync(0, new byte[65536]);
        await source.CommitAsync();
        Assert.Equal(Sum(data), await SumAsync($"/srv/{export}/clone"));
        await RemoveAsync(client, source, target);
    }

    [Fact]
    public async Task A_file_system_that_shares_no_blocks_refuses_to_clone_and_still_copies()
    {
        byte[] data = RandomNumberGenerator.GetBytes(FileBytes);
        await using NfsClient client = await lab.ConnectAsync();
        await using NfsFile source = await WriteAsync(client, "/srv/ext4/cloned", data);
        await using NfsFile target = await client.OpenAsync("/srv/ext4/clone", _create);
        await Assert.ThrowsAsync<NotSupportedException>(() => source.CloneToAsync(target, 0, 0, FileBytes));
        await source.CopyToAsync(target, 0, 0, FileBytes);
        Assert.Equal(Sum(data), await SumAsync("/srv/ext4/clone"));
        await RemoveAsync(client, source, target);
    }

    private static async Task<NfsFile> WriteAsync(NfsClient client, string path, byte[] data)
    {
        NfsFile file = await client.OpenAsync(path, _create);
        for (int at = 0; at < data.Length; at += 1 << 20)
            await file.WriteAsync(at, data.AsMemory(at, 1 << 20));
        return file;
    }

    private static async Task RemoveAsync(NfsClient client, params NfsFile[] files)
    {
        foreach (NfsFile file in files)
        {
            await file.CloseAsync();
            await client.RemoveAsync(file.Path);
        }
    }

    private static string Sum(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    private async Task<string> SumAsync(string path) => (await lab.Server.CheckedAsync($"sha256sum <{path}")).Split(' ')[0];
}
