using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>More zones on a host than an administrator would start by hand.</summary>
public sealed class ManyZonesTests
{
    private const int Zones = 40;

    [Fact]
    public async Task Forty_zones_are_booted_at_the_start_of_the_host_and_halted_at_its_end()
    {
        await using TestHost host = new();
        TinyZones zones = new(host);
        await zones.AddAsync("model", init: null);
        string[] names = [.. Enumerable.Range(1, Zones).Select(i => $"z{i}")];
        await zones.CloneAsync("model", names);

        string booted = await host.RunCheckedAsync("autoboot");

        IReadOnlyDictionary<string, string> states = await host.StatesAsync();
        Assert.All(names, n => Assert.Equal("running", states[n]));
        Assert.Equal("installed", states["model"]);
        Assert.Equal(Zones, names.Select(n => zones.State(n).InitPid).Where(p => p > 0).Distinct().Count());
        // The zones run side by side, so each line names its zone.
        Assert.All(booted.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.StartsWith("zone z", l, StringComparison.Ordinal));

        await host.RunCheckedAsync("autohalt");

        Assert.All((await host.StatesAsync()).Values, s => Assert.Equal("installed", s));
        await host.WaitAsync(() => Task.FromResult(!HostTraces.Find(host.Paths).Any()), "the zones have left something", TimeSpan.FromMinutes(1));
        string[] log = (await host.ZonesLogAsync()).Split('\n');
        foreach (string name in names)
        {
            Assert.Single(log, l => l.EndsWith($" zone {name}: autoboot: done", StringComparison.Ordinal));
            Assert.Single(log, l => l.EndsWith($" zone {name}: autohalt: done", StringComparison.Ordinal));
        }
    }
}
