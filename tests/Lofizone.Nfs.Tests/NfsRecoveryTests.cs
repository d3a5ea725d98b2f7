using System.Security.Cryptography;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Testing.Nfs;

namespace Lofizone.Nfs.Tests;

/// <summary>Restarted, killed, paused and missing servers.</summary>
public sealed class NfsRecoveryTests
{
    private const int BlockBytes = 64 * 1024;
    private const int Blocks = 256;
    private static readonly NfsOpenOptions _image = new() { Create = NfsCreate.Unchecked, Write = true, DenyWrite = true };

    [Fact]
    public async Task A_restarted_server_gives_open_and_lock_back_and_no_write_fails()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { GraceSeconds = 5, LeaseSeconds = 5 });
        await using NfsClient client = await server.ConnectAsync();
        await using NfsFile file = await client.OpenAsync("/export/image", _image);
        await file.LockAsync();
        byte[] data = RandomNumberGenerator.GetBytes(BlockBytes * Blocks);

        await file.WriteAsync(0, data.AsMemory(0, BlockBytes));
        TaskCompletionSource down = new();
        Task[] writers = [.. Enumerable.Range(0, 8).Select(writer => WriteShareAsync(file, data, writer, 8, down.Task))];
        await server.KillAsync();
        down.SetResult();
        await server.StartAgainAsync();
        await using NfsClient other = await server.ConnectAsync();
        // The OPEN waits until the grace period ends. The share reservation is still there then.
        NfsException refused = await Assert.ThrowsAsync<NfsException>(() => other.OpenAsync("/export/image", _image));
        Assert.Equal(NfsStatus.ShareDenied, refused.Status);
        Assert.StartsWith("testhost:", (await other.GetLockHolderAsync("/export/image"))!.Owner, StringComparison.Ordinal);
        await Task.WhenAll(writers);
        await file.CommitAsync();

        Assert.False(file.IsFenced);
        Assert.True(file.IsLocked);
        Assert.Equal(1, client.Statistics.Reclaims);
        Assert.True(client.Statistics.ResentBytes > 0);
        Assert.Equal(0, client.Statistics.UncommittedBytes);
        byte[] back = new byte[data.Length];
        Assert.Equal(back.Length, await file.ReadAsync(0, back));
        Assert.True(data.AsSpan().SequenceEqual(back));
        byte[] stored = await File.ReadAllBytesAsync(Path.Combine(server.ExportDirectory, "image"));
        Assert.True(data.AsSpan().SequenceEqual(stored));
    }

    [Fact]
    public async Task Lost_state_without_a_grace_period_fences_the_file_and_nothing_is_written_any_more()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsClient client = await server.ConnectAsync();
        await using NfsFile file = await client.OpenAsync("/export/image", _image);
        await file.LockAsync();
        await file.WriteAsync(0, new byte[4096]);
        TaskCompletionSource<NfsFencedException> fenced = new();
        file.Fenced += fenced.SetResult;

        await server.RestartAsync();
        await Assert.ThrowsAsync<NfsFencedException>(async () => await file.WriteAsync(4096, new byte[4096]));
        Assert.Same((await fenced.Task).GetType(), typeof(NfsFencedException));
        await Assert.ThrowsAsync<NfsFencedException>(async () => await file.ReadAsync(0, new byte[1]));
        await Assert.ThrowsAsync<NfsFencedException>(async () => await file.CommitAsync());
        Assert.True(file.IsFenced);
        Assert.Equal(0, client.Statistics.UncommittedBytes);
        Assert.Equal(4096, new FileInfo(Path.Combine(server.ExportDirectory, "image")).Length);
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_the_connect_at_once()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await server.KillAsync();
        NfsUnreachableException error = await Assert.ThrowsAsync<NfsUnreachableException>(server.ConnectAsync);
        Assert.Contains($"{server.Host}:{server.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_fails_path_operations_after_the_deadline_and_reads_wait()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        NfsClientOptions options = server.Options() with { SetupDeadline = TimeSpan.FromSeconds(1) };
        await using NfsClient client = await NfsClient.ConnectAsync(options);
        await using NfsFile file = await client.OpenAsync("/export/image", _image);
        await file.WriteAsync(0, new byte[] { 1, 2, 3 });

        await server.PauseAsync();
        await Assert.ThrowsAsync<NfsUnreachableException>(() => client.GetAttributesAsync("/export"));
        await Assert.ThrowsAsync<NfsUnreachableException>(() => NfsClient.ConnectAsync(options with { ClientOwner = new byte[16] }));
        Task<int> read = file.ReadAsync(0, new byte[3]).AsTask();
        Assert.False(read.IsCompleted);
        await server.ResumeAsync();
        Assert.Equal(3, await read);
    }

    [Fact]
    public async Task Two_clients_with_one_owner_throw_each_other_out_and_with_nonces_they_do_not()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        byte[] cloned = RandomNumberGenerator.GetBytes(16);
        await using NfsClient first = await NfsClient.ConnectAsync(server.Options(cloned));
        await using NfsFile file = await first.OpenAsync("/export/image", _image);
        await file.LockAsync();

        await using (NfsClient third = await server.ConnectAsync())
        {
            await Assert.ThrowsAsync<NfsException>(() => third.OpenAsync("/export/image", _image));
            await file.WriteAsync(0, new byte[512]);
        }

        await using NfsClient second = await NfsClient.ConnectAsync(server.Options(cloned));
        await using NfsFile taken = await second.OpenAsync("/export/image", _image);
        await taken.LockAsync();
        await Assert.ThrowsAsync<NfsFencedException>(async () => await file.WriteAsync(0, new byte[512]));
    }

    /// <summary>Writes a half of the writer's blocks before the server is down or while the server goes down, and the rest later.</summary>
    private static async Task WriteShareAsync(NfsFile file, byte[] data, int writer, int writers, Task down)
    {
        for (int block = writer; block < Blocks; block += writers)
        {
            if (block >= Blocks / 2)
                await down;
            int at = block * BlockBytes;
            await file.WriteAsync(at, data.AsMemory(at, BlockBytes));
        }
    }
}
