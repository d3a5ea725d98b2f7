using System.Security.Cryptography;
using Lofizone.Nfs;
using Lofizone.Nfs.Protocol;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>Our client in this process, with the kernel's server. The export is "secure" (exports(5)), as Debian's exports are.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class ClientTests(Laboratory lab, ITestOutputHelper output)
{
    /// <summary>Our client waits for a server without limit. A crashed server must not hold up all later tests.</summary>
    private const int LimitMilliseconds = 180_000;

    private static readonly NfsOpenOptions _create = new() { Create = NfsCreate.Unchecked, Write = true };

    [Theory(Timeout = LimitMilliseconds)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task A_secure_export_is_reached_and_what_is_written_is_read(string export)
    {
        await using NfsClient client = await lab.ConnectAsync();
        Assert.Equal(2, client.MinorVersion);
        byte[] data = RandomNumberGenerator.GetBytes(3 << 20);
        await using NfsFile file = await client.OpenAsync($"/srv/{export}/direct", _create with { DenyWrite = true }, TestContext.Current.CancellationToken);
        await file.LockAsync();
        await file.WriteAsync(4096, data);
        await file.CommitAsync();
        byte[] back = new byte[data.Length];
        Assert.Equal(data.Length, await file.ReadAsync(4096, back));
        Assert.Equal(data, back);
        Assert.Equal(data.Length + 4096, (await file.GetAttributesAsync()).Size);
        await file.CloseAsync();
        await client.RemoveAsync($"/srv/{export}/direct");
    }

    [Theory(Timeout = LimitMilliseconds)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task Many_small_reads_and_writes_at_once_go_together_only_as_far_as_the_server_can_and_never_mix_up_data(string export)
    {
        const int BlockBytes = 4096;
        const int Blocks = 512;
        await using NfsClient client = await lab.ConnectAsync();
        const int MostRounds = 50;
        byte[] data = new byte[Blocks * BlockBytes];
        await using NfsFile file = await client.OpenAsync($"/srv/{export}/small", _create, TestContext.Current.CancellationToken);
        // Writes until the server has proved what it takes in one COMPOUND, and once more with that knowledge.
        bool isShown = false;
        for (int round = 0; round < MostRounds && !isShown; round++)
        {
            isShown = client.Statistics.PackedReads == false || client.Statistics.PackedWrites is not null;
            RandomNumberGenerator.Fill(data);
            await Task.WhenAll(Enumerable.Range(0, Blocks).Select(i => file.WriteAsync(i * BlockBytes, data.AsMemory(i * BlockBytes, BlockBytes)).AsTask()));
        }
        Assert.True(isShown);
        output.WriteLine($"several READs in a COMPOUND: {client.Statistics.PackedReads?.ToString() ?? "not asked"}, several WRITEs: {client.Statistics.PackedWrites?.ToString() ?? "not asked"}");
        await file.CommitAsync();
        byte[] back = new byte[data.Length];
        await Task.WhenAll(Enumerable.Range(0, Blocks).Select(i => file.ReadAsync(i * BlockBytes, back.AsMemory(i * BlockBytes, BlockBytes)).AsTask()));
        Assert.True(data.AsSpan().SequenceEqual(back), $"{Enumerable.Range(0, Blocks).Count(i => !data.AsSpan(i * BlockBytes, BlockBytes).SequenceEqual(back.AsSpan(i * BlockBytes, BlockBytes)))} of {Blocks} blocks differ");
        Assert.Equal(Sum(data), (await lab.Server.CheckedAsync($"sha256sum </srv/{export}/small")).Split(' ')[0]);
        await file.CloseAsync();
        await client.RemoveAsync($"/srv/{export}/small");
    }

    [Fact(Timeout = LimitMilliseconds)]
    public async Task Data_that_a_server_lost_before_COMMIT_is_sent_again()
    {
        await using NfsClient client = await lab.ConnectAsync();
        byte[] data = RandomNumberGenerator.GetBytes(1 << 20);
        await using NfsFile file = await client.OpenAsync("/srv/ext4/uncommitted", _create, TestContext.Current.CancellationToken);
        await file.LockAsync();
        // This data is on the server's disk. Later data is only in the server's memory.
        await file.WriteAsync(0, data);
        await file.CommitAsync();
        // The server's record of this client must be on the disk for the reclaim, and SQLite takes a while to make the record safe.
        await lab.Server.CheckedAsync("sync");
        RandomNumberGenerator.Fill(data);
        await file.WriteAsync(0, data);
        Assert.Equal(data.Length, client.Statistics.UncommittedBytes);
        await lab.Server.CutPowerAsync();
        await lab.Server.StartAsync();
        // The test looks at the disk before the service starts, because the client writes again as soon as it can.
        await lab.Server.CheckedAsync("mount -t ext4 LABEL=ext4 /srv/ext4");
        Assert.NotEqual(Sum(data), await SumAsync());
        await lab.ServeAsync();
        await file.CommitAsync();
        Assert.Equal(Sum(data), await SumAsync());
        await file.CloseAsync();
        await client.RemoveAsync("/srv/ext4/uncommitted");
    }

    private static string Sum(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    private async Task<string> SumAsync() => (await lab.Server.CheckedAsync("sha256sum </srv/ext4/uncommitted")).Split(' ')[0];
}
