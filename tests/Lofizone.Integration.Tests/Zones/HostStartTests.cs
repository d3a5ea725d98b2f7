using Lofizone.Config;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The zones of a host as a set, at the host's start and stop.</summary>
public sealed class HostStartTests
{
    /// <summary>An init that hears no request for a shutdown.</summary>
    private const string DeafInit = "#!/bin/sh\nwhile :; do sleep 1000; done\n";

    [Fact]
    public async Task Zones_start_after_those_they_depend_on_and_stop_before_them_and_each_has_a_result_of_its_own()
    {
        await using TestHost host = new();
        TinyZones zones = new(host);
        await zones.AddAsync("deaf", DeafInit);
        await zones.AddAsync("db", init: null);
        await zones.CloneAsync("db", "web", "app", "lost", "a", "b");
        await host.RunCheckedAsync("set", "db", "autoboot=true", "boot-priority=low");
        await host.RunCheckedAsync("set", "deaf", "autoboot=true", "autoshutdown=halt");
        await host.RunCheckedAsync("set", "web", "boot-dependency=db");
        await host.RunCheckedAsync("set", "app", "boot-dependency=web", "boot-priority=high");
        await host.RunCheckedAsync("set", "lost", "boot-dependency=nowhere");
        await host.RunCheckedAsync("set", "a", "boot-dependency=b");
        await host.RunCheckedAsync("set", "b", "boot-dependency=a");
        // Nobody listens at the discard port.
        TinyZones away = new(host, Directory.CreateDirectory(Path.Combine(host.Root, "away")).FullName, "nfs://127.0.0.1:9/away");
        await away.AddAsync("far", init: null);
        await away.CloneAsync("far", "user");
        Change(host, "far", c => c with { Autoboot = true });
        Change(host, "user", c => GlobalProperties.BootDependency.With(c, "far"));

        CommandResult start = await host.RunAsync("autoboot");

        Assert.Equal(1, start.ExitCode);
        IReadOnlyDictionary<string, string> states = await host.StatesAsync();
        Assert.All(new[] { "db", "web", "app", "a", "b", "deaf" }, z => Assert.Equal("running", states[z]));
        Assert.All(new[] { "lost", "far", "user" }, z => Assert.Equal("installed", states[z]));
        Assert.Contains("boot-dependency goes in a circle through a, b", start.Error, StringComparison.Ordinal);
        Assert.Contains("zone lost: lost: not booted: it depends on zone nowhere (boot-dependency), which is not a zone of this host", start.Error, StringComparison.Ordinal);
        Assert.Contains("zone far: far: its server does not answer: nfs://127.0.0.1:9/away", start.Error, StringComparison.Ordinal);
        Assert.Contains("zone user: user: not booted: it depends on zone far (boot-dependency), which could not be booted", start.Error, StringComparison.Ordinal);
        await AssertInOrderAsync(host, "autoboot: done", "db", "web", "app");

        await host.RunCheckedAsync("autohalt");

        await AssertInOrderAsync(host, "autohalt: done", "app", "web", "db");
        Assert.All((await host.StatesAsync()).Values, s => Assert.Equal("installed", s));
        // A shutdown of this zone would have been asked for, and would have ended with a kill after 60 s.
        Assert.DoesNotContain("was killed", await host.ZonesLogAsync(), StringComparison.Ordinal);
    }

    /// <summary>Changes the host's own record of a zone whose share, with the zone's configuration, is away.</summary>
    private static void Change(TestHost host, string zone, Func<ZoneConfig, ZoneConfig> change)
    {
        ZoneIndex index = new(host.Paths);
        ZoneRecord record = index.Load(zone)!;
        index.Save(record with { Config = change(record.Config) });
    }

    /// <summary>The log has the zones' lines with this end in this order.</summary>
    private static async Task AssertInOrderAsync(TestHost host, string end, params string[] zones)
    {
        string[] log = (await host.ZonesLogAsync()).Split('\n');
        Assert.Equal(zones, log.Where(l => l.EndsWith(end, StringComparison.Ordinal)).Select(l => zones.FirstOrDefault(z => l.Contains($" zone {z}: ", StringComparison.Ordinal))).OfType<string>());
    }
}
