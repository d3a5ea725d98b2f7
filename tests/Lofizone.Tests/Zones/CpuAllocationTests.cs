using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class CpuAllocationTests
{
    [Theory]
    [InlineData("2", null, "0-7", "", "", "6-7")]
    [InlineData("2-4", null, "0-7", "6-7", "", "2-5")]
    [InlineData("2-4", null, "0-3", "3", "", "1-2")]
    [InlineData("1", null, "0-7", "", "3", "3")]
    [InlineData("3", null, "0-7", "", "0,3", "0,3,7")]
    [InlineData(null, "1,3", "0-3", "", "", "1,3")]
    public void A_zone_gets_the_last_free_CPUs_and_keeps_those_that_it_has(string? number, string? named, string online, string taken, string own, string expected) =>
        Assert.Equal(expected, CpuAllocation.Choose("z", Request(number, named), List(online), List(taken), List(own)).ToString());

    [Theory]
    [InlineData("2", null, "0-1", "", "2 CPUs are wanted, and 1 are free")]
    [InlineData("1", null, "0-1", "1", "1 CPUs are wanted, and 0 are free")]
    [InlineData(null, "0-1", "0-1", "", "the global zone would have no CPU left")]
    [InlineData(null, "1-2", "0-3", "2", "CPU 2 belongs to another zone")]
    [InlineData(null, "7", "0-3", "", "CPU 7 is not on this host, which has 0-3")]
    public void A_request_that_the_host_can_not_meet_is_refused(string? number, string? named, string online, string taken, string message) => Assert.Contains(
        message,
        Assert.Throws<LofizoneException>(() => CpuAllocation.Choose("z", Request(number, named), List(online), List(taken), List(""))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("0-3", "3", null, "0-2")]
    [InlineData("0-3", "3", "2-3", "2")]
    [InlineData("0-3", "3", "3", "0-2")]
    public void Other_zones_have_what_is_left_of_their_pool(string online, string taken, string? pool, string expected) =>
        Assert.Equal(expected, CpuAllocation.Shared(List(online), List(taken), pool is null ? null : List(pool)).ToString());

    private static CpuRequest Request(string? number, string? named) => CpuRequest.Of(ConfigAssignments.Apply(
        new ZoneConfig { Name = "z" }, [number is null ? $"dedicated-cpu.cpus={named}" : $"dedicated-cpu.ncpus={number}"], ["native"]))!;

    private static CpuList List(string text) => text.Length == 0 ? new CpuList([]) : CpuList.Parse(text)!;
}
