using System.Collections.Immutable;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

/// <summary>Requests of a configuration on a share have no effect on a host until its administrator has accepted them.</summary>
public sealed class ZoneAcceptanceTests : IDisposable
{
    private static readonly ShareUri _share = ShareUri.Parse("nfs://nas/export/zones");

    private static readonly ZoneConfig _plain = new()
    {
        Name = "web",
        Uuid = Guid.Parse("6f0e5c1c-54c5-4f6e-9d6f-6d1c7b0a3a11"),
        RootImage = new RootImage("dir:/etc", 64 << 20),
    };

    private static readonly ZoneConfig _hostile = _plain with
    {
        ZonePath = "/usr/local/sbin",
        Autoboot = true,
        Net = [new NetResource("eth0")],
        Attr = [new AttrResource("comment", "string", "hello")],
    };

    private readonly TemporaryHost _temporary = new();
    private readonly RecordingReporter _reporter = new();
    private readonly ZoneHost _host;

    public ZoneAcceptanceTests() => _host = Host(_temporary.Paths);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_zone_that_asks_for_nothing_gets_what_this_host_chooses()
    {
        ZoneConfig config = Judge(_plain);
        Assert.Equal(_temporary.Paths.ZonePath("web"), config.ZonePath);
        Assert.Empty(_reporter.Lines);
        // The rule also holds on the machine itself.
        Assert.Equal("/zones/web", new ZoneAcceptance(Host(new HostPaths("/")), "web", _reporter).Judge(_share, _plain, null, new AttachOptions()).ZonePath);
    }

    [Fact]
    public void The_share_is_the_one_that_was_named_to_this_host_whatever_the_configuration_says() => Assert.Equal(_share.ToString(), Judge(_plain).RootImage!.Storage);

    [Fact]
    public void All_that_a_configuration_asks_for_is_shown_line_by_line_and_refused()
    {
        LofizoneException refused = Assert.Throws<LofizoneException>(() => Judge(_hostile));
        Assert.Contains("asks for zonepath=/usr/local/sbin, autoboot=true, net physical=eth0, attr name=comment", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--accept", refused.Advice, StringComparison.Ordinal);
        Assert.Equal(["\tzonepath=/usr/local/sbin", "\tautoboot=true", "\tnet physical=eth0", "\tattr name=comment type=string value=hello"], _reporter.Lines.Skip(1));
    }

    /// <summary>Every property of the registry and every resource, but the identity and the image.</summary>
    public static TheoryData<string> Requests =>
    [
        .. GlobalProperties.All.Where(p => !p.IsIdentity).Select(p => p.Name)
            .Concat(ResourceTypes.All.Where(t => !t.IsView).Select(t => t.Name)).Except([ResourceTypes.RootImage.Name]),
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public void Each_thing_alone_needs_to_be_accepted(string property) => Assert.Throws<LofizoneException>(() => Judge(Asking(property)));

    [Theory]
    [MemberData(nameof(Requests))]
    public void What_this_host_has_of_a_zone_is_accepted_and_a_change_of_it_is_not(string property)
    {
        ZoneConfig mine = Asking(property) with { ZonePath = "/srv/zones/web" };
        Assert.Equal("/srv/zones/web", Judge(Asking(property), mine).ZonePath);
        if (property == "zonepath")
            return;
        Assert.Contains("has accepted another configuration", Assert.Throws<LofizoneException>(() => Judge(_plain, mine)).Message, StringComparison.Ordinal);
        Assert.Throws<LofizoneException>(() => Judge(Asking(property), _plain with { ZonePath = "/srv/zones/web" }));
    }

    [Fact]
    public void A_zonepath_is_asked_for_only_where_nobody_else_has_chosen_one()
    {
        ZoneConfig asking = Asking("zonepath");
        Assert.Equal("/srv/zones/other", Judge(asking, null, new AttachOptions { ZonePath = "/srv/zones/other" }).ZonePath);
        Assert.Equal("/srv/zones/web", Judge(asking, _plain with { ZonePath = "/srv/zones/web" }).ZonePath);
        // The zonepath on the offering host does not matter here.
        ZoneOffer offer = new() { Host = "a", HostId = "1", Config = "" };
        Assert.Equal(_temporary.Paths.ZonePath("web"), Judge(asking, null, new AttachOptions { Offer = offer }).ZonePath);
        Assert.Equal("/usr/local/sbin", Judge(asking, null, new AttachOptions { Accept = true }).ZonePath);
    }

    [Fact]
    public void An_acceptance_counts_for_that_zone_and_exactly_that_configuration()
    {
        ZoneConfig asking = Asking("net");
        Accept(asking);
        Assert.Single(Judge(asking).Net);
        Judge(asking with { RootImage = _plain.RootImage! with { Size = 1 << 30 } });
        Assert.Throws<LofizoneException>(() => Judge(asking with { Uuid = Guid.NewGuid() }));
        Assert.Throws<LofizoneException>(() => Judge(asking with { Autoboot = true }));
        Assert.Throws<LofizoneException>(() => Judge(asking with { Net = [new NetResource("eth1")] }));
        Assert.Throws<LofizoneException>(() => Judge(asking with { Net = [new NetResource("eth0", "192.0.2.7/24")] }));
        _host.Accepted.Delete("web");
        Assert.Throws<LofizoneException>(() => Judge(asking));
    }

    [Fact]
    public void An_accepted_zonepath_may_be_replaced_by_the_command()
    {
        ZoneConfig asking = _hostile with { ZonePath = "/srv/zones/web" };
        Accept(asking);
        Assert.Equal("/srv/zones/web", Judge(asking).ZonePath);
        Assert.Equal("/srv/zones/other", Judge(asking, null, new AttachOptions { ZonePath = "/srv/zones/other" }).ZonePath);
    }

    [Fact]
    public void A_zone_without_a_UUID_can_not_be_accepted_beforehand()
    {
        ZoneConfig asking = Asking("net") with { Uuid = Guid.Empty };
        Accept(asking);
        Assert.Throws<LofizoneException>(() => Judge(asking));
    }

    [Fact]
    public void A_directory_of_this_host_that_another_host_names_is_refused_unless_it_is_known()
    {
        ZoneAcceptance acceptance = new(_host, "web", _reporter);
        ShareUri directory = ShareUri.Parse("dir:/mnt/zones");
        acceptance.RefuseDirectory(_share);
        Assert.Contains("dir:/mnt/zones", Assert.Throws<LofizoneException>(() => acceptance.RefuseDirectory(directory)).Message, StringComparison.Ordinal);
        _host.Accepted.Write("web", new AcceptedConfig(_plain.Uuid, "dir:/mnt/zones", "", DateTimeOffset.UnixEpoch));
        acceptance.RefuseDirectory(directory);
        Assert.Throws<LofizoneException>(() => acceptance.RefuseDirectory(ShareUri.Parse("dir:/mnt/others")));
    }

    [Fact]
    public async Task What_lies_beside_an_image_is_accepted_by_command_after_it_was_shown()
    {
        DirectoryInfo zone = Directory.CreateDirectory(Path.Combine(_temporary.Paths.Root, "share/web"));
        ShareUri share = ShareUri.Parse("dir:" + zone.Parent!.FullName);
        ZoneConfig asking = Asking("net");
        await File.WriteAllBytesAsync(Path.Combine(zone.FullName, ZoneConfigJson.FileName), ZoneConfigJson.Write(asking), TestContext.Current.CancellationToken);
        ZoneAcceptance acceptance = new(_host, "web", _reporter);
        await acceptance.AcceptAsync(share, noExecute: true, TestContext.Current.CancellationToken);
        Assert.Contains("\tnet physical=eth0", _reporter.Lines);
        Assert.Throws<LofizoneException>(() => Judge(asking));
        await acceptance.AcceptAsync(share, noExecute: false, TestContext.Current.CancellationToken);
        Judge(asking);

        await File.WriteAllBytesAsync(Path.Combine(zone.FullName, ZoneConfigJson.FileName), ZoneConfigJson.Write(_hostile), TestContext.Current.CancellationToken);
        Task Accept() => acceptance.AcceptAsync(share, noExecute: false, TestContext.Current.CancellationToken);
        Assert.Contains("lies in /usr", (await Assert.ThrowsAsync<LofizoneException>(Accept)).Message, StringComparison.Ordinal);
        Assert.Throws<LofizoneException>(() => Judge(_hostile));
    }

    private static ZoneConfig Asking(string property) => property switch
    {
        "zonepath" => _plain with { ZonePath = _hostile.ZonePath },
        "autoboot" => _plain with { Autoboot = true },
        "net" => _plain with { Net = _hostile.Net },
        "attr" => _plain with { Attr = _hostile.Attr },
        "brand" => _plain with { Brand = "other" },
        _ when GlobalProperties.Known(property) is { } known => known.With(_plain, known.Kind.Examples.First(e => e != known.Default)),
        _ => AskingResource(ResourceTypes.Find(property)),
    };

    private static ZoneConfig AskingResource(ResourceType type) =>
        type.With(_plain, [type.Properties.Where(p => p.Refusal is null).Take(1).ToImmutableDictionary(p => p.Name, p => p.Kind.Examples[0])]);

    private static ZoneHost Host(HostPaths paths) => new(paths, new ProgramRunner(), TimeProvider.System, "zone");

    private void Accept(ZoneConfig config) => _host.Accepted.Write(
        "web", new AcceptedConfig(config.Uuid, _share.ToString(), ConfigRequest.Of(config, _host.Paths.ZonePath("web")).Digest, DateTimeOffset.UnixEpoch));

    private ZoneConfig Judge(ZoneConfig there, ZoneConfig? mine = null, AttachOptions? options = null) =>
        new ZoneAcceptance(_host, "web", _reporter).Judge(_share, there, mine, options ?? new AttachOptions());
}
