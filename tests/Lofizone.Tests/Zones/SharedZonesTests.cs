using System.Globalization;
using Lofizone.Config;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing.Nfs;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

/// <summary>All zones on a share, of which each file may be missing, on a directory and on a real server.</summary>
public sealed class SharedZonesTests : IAsyncLifetime
{
    private const string Owner = """{"host":"nas-b","hostId":"2","since":"2026-01-01T00:00:00Z","version":"1"}""";
    private const string Home = """{"host":"nas-a","hostId":"1","since":"2026-01-01T00:00:00Z"}""";

    private readonly TemporaryHost _here = new();
    private GaneshaServer? _server;

    private string Directory => _server!.ExportDirectory;

    public async ValueTask InitializeAsync() => _server = await GaneshaServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _here.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_directory_is_what_its_files_make_it(bool nfs)
    {
        Put("busy", ("home.json", Home), ("owner.json", Owner));
        Put("rest", ("home.json", Home));
        Put("lost", ("owner.json", Owner));
        Put("given");
        Put("broken", ("home.json", "{"));
        File.Delete(Path.Combine(Put("rootless"), "root.img"));
        File.Delete(Path.Combine(Put("nameless"), "zone.json"));
        File.CreateSymbolicLink(Path.Combine(Put("linked"), "owner.json"), "home.json");
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "empty"));
        File.WriteAllText(Path.Combine(Directory, "file"), "");
        System.IO.Directory.CreateSymbolicLink(Path.Combine(Directory, "away"), "busy");

        IReadOnlyList<SharedZone> zones = await ListAsync(nfs ? _server!.Uri : $"dir:{Directory}");

        Assert.Equal(
            [
                ("away", "unreadable", null), ("broken", "unreadable", null), ("busy", "in_use", "nas-b"), ("given", "incomplete", null),
                ("linked", "unreadable", null), ("lost", "in_use", "nas-b"), ("nameless", "unreadable", null), ("rest", "installed", "nas-a"),
                ("rootless", "incomplete", null),
            ],
            zones.Select(zone => (zone.Name, zone.State, zone.Host?.ToString())));
        Assert.Contains("symbolic link", zones.Single(zone => zone.Name == "linked").Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_zones_take_few_round_trips()
    {
        const int Zones = 40, Setup = 12;
        for (int i = 0; i < Zones; i++)
            Put($"z{i}", ("home.json", Home), ("owner.json", Owner));
        await using CountingRelay relay = new(_server!.Port);

        IReadOnlyList<SharedZone> zones = await ListAsync(string.Create(CultureInfo.InvariantCulture, $"nfs://127.0.0.1:{relay.Port}{_server.PseudoPath}"));

        Assert.Equal(Zones, zones.Count(zone => zone.State == "in_use"));
        Assert.InRange(relay.Connections.Sum(connection => connection.Compounds), 1, Zones / 2 + Setup);
    }

    private async Task<IReadOnlyList<SharedZone>> ListAsync(string share)
    {
        await using OpenShares shares = new();
        ZoneHost host = new(_here.Paths, new ProgramRunner(), TimeProvider.System, "zone") { OpenShareAsync = shares.OpenAsync };
        return await new SharedZones(host, ShareUri.Parse(share)).ListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A zone's directory with an image that is never read.</summary>
    private string Put(string name, params (string Name, string Content)[] files)
    {
        string directory = System.IO.Directory.CreateDirectory(Path.Combine(Directory, name)).FullName;
        ZoneConfig config = new() { Name = name, Uuid = Guid.NewGuid(), RootImage = new RootImage("dir:/nowhere", 1 << 30, "ext4") };
        File.WriteAllBytes(Path.Combine(directory, "zone.json"), ZoneConfigJson.Write(config));
        foreach ((string file, string content) in files.Append(("root.img", "")))
            File.WriteAllText(Path.Combine(directory, file), content);
        return directory;
    }
}
