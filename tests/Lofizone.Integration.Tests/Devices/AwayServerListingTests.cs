using System.Text.Json;
using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A device without an engine, with its watch's notes. Listings show the notes, and ask no server.</summary>
public sealed class AwayServerListingTests : IAsyncDisposable
{
    private readonly LofiHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_server_that_is_away_is_told_by_every_listing_as_long_as_the_watch_that_noted_it_lives()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        LofiDevice device = await _host.Devices.AttachAsync(_host.MakeImage(), new LofiAttachOptions { ZoneName = "web" }, cancellation);
        new ZoneIndex(_host.Paths).Save(new ZoneRecord { Version = ZoneRecord.CurrentVersion, Config = new ZoneConfig { Name = "web" }, State = ZoneState.Installed, UidBase = 1 << 30 });
        Assert.Equal("-", (await ZoneAsync("list", "-v")).Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);

        EngineDirectory directory = new LofiRecords(_host.Paths, TimeProvider.System).Engine(device.Number);
        HostFile.MakeDirectory(directory.Path);
        directory.WriteWatch(ProcessIdentity.Current);
        directory.NoteAway(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));
        const string away = "server: unreachable since 2026-05-04 03:02:01 UTC";
        Assert.Contains(away, await ZoneAsync("list", "-v"), StringComparison.Ordinal);
        Assert.Contains(away.Replace(":", "\\:", StringComparison.Ordinal), await ZoneAsync("list", "-vp"), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(await ZoneAsync("list", "--json"));
        Assert.Equal(away, json.RootElement[0].GetProperty("problem").GetString());

        directory.WriteWatch(new ProcessIdentity(int.MaxValue, 1));
        Assert.DoesNotContain("unreachable", await ZoneAsync("list", "-v"), StringComparison.Ordinal);
        await _host.DetachLastAsync(device);
    }

    private async Task<string> ZoneAsync(params string[] arguments)
    {
        ProgramCall call = new(LofiHost.ZoneBinary, arguments) { Environment = new Dictionary<string, string?> { [HostPaths.RootVariable] = _host.Paths.Root } };
        return (await _host.Programs.RunCheckedAsync(call, TestContext.Current.CancellationToken)).Output;
    }
}
