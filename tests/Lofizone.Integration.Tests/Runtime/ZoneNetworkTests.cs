using Lofizone.Config;
using Lofizone.Network;
using Lofizone.Runtime.Oci;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Runtime;

public sealed class ZoneNetworkTests : IAsyncDisposable
{
    private readonly RuntimeHost _host = new();
    private readonly string _bridge = TestNetwork.InterfaceName('b');

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        if (Directory.Exists("/sys/class/net/" + _bridge))
            await _host.RunAsync("ip", "link", "delete", _bridge);
    }

    [Fact]
    public async Task Two_zones_on_one_bridge_reach_each_other()
    {
        await _host.RunAsync("ip", "link", "add", _bridge, "type", "bridge");
        await _host.RunAsync("ip", "link", "set", _bridge, "up");
        ZoneLaunch a = await _host.MakeZoneAsync("a", new NetResource(_bridge, "192.0.2.1/24", "192.0.2.2"), new NetResource(_bridge, "2001:db8::6/64"));
        ZoneLaunch b = await _host.MakeZoneAsync("b", new NetResource(_bridge, "192.0.2.2/24"), new NetResource(_bridge, "2001:db8::7/64"));
        await _host.BootAsync(a);
        await _host.BootAsync(b);

        // The test uses IPv6, because a host with br_netfilter may drop IPv4 between the ports of its bridges.
        (int code, string output) = await _host.InZoneAsync("a", "ping", "-c", "1", "-W", "10", "2001:db8::7");
        Assert.True(code == 0, output);
        Assert.Contains("default via 192.0.2.2 dev net0", (await _host.InZoneAsync("a", "ip", "route")).Output, StringComparison.Ordinal);
        string links = (await _host.InZoneAsync("b", "ip", "address")).Output;
        Assert.Contains("net1", links, StringComparison.Ordinal);
        Assert.Contains("2001:db8::7/64", links, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1/8", links, StringComparison.Ordinal);

        await _host.Runtime.DeleteAsync("a");
        Assert.False(Directory.Exists("/sys/class/net/" + ZoneNetwork.HostInterface(_host.Paths, "a", 0)));
    }

    [Fact]
    public async Task A_net_on_an_interface_that_is_no_bridge_is_a_macvlan()
    {
        // A veth is the NIC of this test, and is not a bridge.
        await _host.RunAsync("ip", "link", "add", _bridge, "type", "veth", "peer", "name", _bridge + "p");
        await _host.RunAsync("ip", "link", "set", _bridge, "up");
        ZoneLaunch zone = await _host.MakeZoneAsync("mac", new NetResource(_bridge, "192.0.2.9/24"));
        await _host.BootAsync(zone);

        Assert.Contains("192.0.2.9/24", (await _host.InZoneAsync("mac", "ip", "address", "show", "net0")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_named_with_those_that_are()
    {
        ZoneLaunch zone = await _host.MakeZoneAsync("lost", new NetResource("nosuchbr0"));

        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _host.BootAsync(zone));

        Assert.Contains("no interface nosuchbr0", error.Message, StringComparison.Ordinal);
        await _host.Runtime.UnplumbNetworkAsync("lost");
    }
}
