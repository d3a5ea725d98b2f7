using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Nfs.Tests;

/// <summary>Several connections and addresses against a real server.</summary>
public sealed class NfsTrunkingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_connections_carry_one_session_and_every_one_is_used()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(cancellation: Cancellation);
        await using NfsClient client = await NfsClient.ConnectAsync(server.Options() with { ConnectionsPerPath = 4 }, Cancellation);
        await using NfsFile file = await client.OpenAsync("/export/image", new NfsOpenOptions { Create = NfsCreate.Unchecked, Write = true, DenyWrite = true }, Cancellation);
        await file.LockAsync(Cancellation);
        await Wait.UntilAsync(() => client.Statistics.Paths.All(path => path.IsConnected), "a connection is missing", Cancellation);
        byte[] data = new byte[4 << 20];
        Random.Shared.NextBytes(data);
        const int piece = 32 << 10;
        await Task.WhenAll(Enumerable.Range(0, data.Length / piece).Select(i => file.WriteAsync(i * piece, data.AsMemory(i * piece, piece), Cancellation).AsTask()));
        await file.CommitAsync(Cancellation);
        byte[] back = new byte[data.Length];
        await Task.WhenAll(Enumerable.Range(0, data.Length / piece).Select(i => file.ReadAsync(i * piece, back.AsMemory(i * piece, piece), Cancellation).AsTask()));
        Assert.Equal(data, back);
        Assert.All(client.Statistics.Paths, path => Assert.True(path.Requests.Count > 0));
        Assert.Equal(0, client.Statistics.SessionsLost);
    }

    [Fact]
    public async Task Two_servers_that_look_alike_are_told_apart()
    {
        await using GaneshaServer one = await GaneshaServer.StartAsync(cancellation: Cancellation);
        await using GaneshaServer other = await GaneshaServer.StartAsync(cancellation: Cancellation);
        NfsClientOptions both = one.Options() with { OtherAddresses = [new NfsAddress(other.Host, other.Port)] };
        NfsPathsDifferException error = await Assert.ThrowsAsync<NfsPathsDifferException>(() => NfsClient.ConnectAsync(both, Cancellation));
        Assert.Contains($":{one.Port} ", error.Message, StringComparison.Ordinal);
        Assert.Contains($":{other.Port}", error.Message, StringComparison.Ordinal);
    }
}
