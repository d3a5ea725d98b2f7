using System.Globalization;
using Lofizone.Shares;
using Lofizone.Testing.Nfs;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Shares;

/// <summary>What a command opens on one server goes over one session, for as long as it is used.</summary>
public sealed class OpenSharesTests
{
    [Fact]
    public async Task Shares_on_one_server_have_one_session_which_ends_when_it_is_not_used_for_a_while()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using GaneshaServer server = await GaneshaServer.StartAsync(cancellation: cancellation);
        await using CountingRelay relay = new(server.Port);
        ShareUri uri = ShareUri.Parse(string.Create(CultureInfo.InvariantCulture, $"nfs://127.0.0.1:{relay.Port}{server.PseudoPath}"));
        FakeTimeProvider time = new();
        await using OpenShares shares = new(() => new NfsShareOptions { TimeProvider = time });

        await using (IShare first = await shares.OpenAsync(uri, cancellation))
        {
            Assert.True(await first.CreateDirectoryAsync("web", cancellation));
            await using IShare inside = await shares.OpenAsync(uri.Below("web"), cancellation);
            await inside.WriteFileAsync("zone.json", "{}"u8.ToArray(), cancellation);
            // Longer than any use lasts: it is not idle.
            time.Advance(OpenShares.IdleLimit);
        }

        await using (IShare again = await shares.OpenAsync(uri, cancellation))
            Assert.Equal("{}"u8.ToArray(), await again.ReadFileAsync("web/zone.json", 10, cancellation));
        RelayedConnection only = Assert.Single(relay.Connections);
        Assert.False(only.Ended.IsCompleted);

        time.Advance(OpenShares.IdleLimit);
        await only.Ended.WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        await using (IShare later = await shares.OpenAsync(uri, cancellation))
            Assert.Equal(["web"], await later.ListAsync("", cancellation));
        Assert.Equal(2, relay.Connections.Count);
        // Another identity is another client to the server.
        await using (IShare other = await shares.OpenAsync(ShareUri.Parse($"nfs://1000@127.0.0.1:{relay.Port}{server.PseudoPath}"), cancellation))
            Assert.Equal(["web"], await other.ListAsync("", cancellation));
        Assert.Equal(3, relay.Connections.Count);

        await shares.DisposeAsync();
        await Task.WhenAll(relay.Connections.Select(c => c.Ended)).WaitAsync(TimeSpan.FromMinutes(1), cancellation);
    }

    [Fact]
    public async Task A_share_whose_directory_is_missing_is_told_and_leaves_the_session_to_others()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using GaneshaServer server = await GaneshaServer.StartAsync(cancellation: cancellation);
        await using CountingRelay relay = new(server.Port);
        ShareUri uri = ShareUri.Parse(string.Create(CultureInfo.InvariantCulture, $"nfs://127.0.0.1:{relay.Port}{server.PseudoPath}"));
        await using OpenShares shares = new();

        LofizoneException missing = await Assert.ThrowsAsync<LofizoneException>(() => shares.OpenAsync(uri.Below("nowhere"), cancellation));
        Assert.Contains("nowhere", missing.Message, StringComparison.Ordinal);
        await using (IShare share = await shares.OpenAsync(uri, cancellation))
            Assert.Empty((await share.ListAsync("", cancellation))!);
        Assert.Single(relay.Connections);
    }
}
