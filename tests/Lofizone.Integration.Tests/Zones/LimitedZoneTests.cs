using Lofizone.Integration.Tests.Devices;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A zone whose cgroup has a limit of memory writes to its root. The write-back counts for the zone's limit.</summary>
[Collection(SilentZones.Name)]
public sealed class LimitedZoneTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    private const long LimitBytes = 64 << 20;

    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_zone_short_of_memory_writes_four_times_its_limit_through_its_root()
    {
        const string write = "dd if=/dev/zero bs=1M count=256 2>/dev/null | tr '\\0' z >/root/data && sync /root/data && tr -d z </root/data | wc -c && wc -c </root/data";
        await Host.RunCheckedAsync("boot", "web");
        LimitedCgroup.LimitExisting($"{Host.Paths.Cgroup}/web", LimitBytes);
        CommandResult wrote = await Host.RunAsync("login", "web", "--", "sh", "-c", write);
        Assert.True(wrote.Succeeded, wrote.ToString());
        Assert.Equal($"0\n{256 << 20}\n", wrote.Output);
        await Host.RunCheckedAsync("login", "web", "--", "rm", "/root/data");
        await Host.RunCheckedAsync("halt", "web");
        await Host.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(Host.Paths, "web"));
    }
}
