using Lofizone.Network;

namespace Lofizone.Tests.Network;

public sealed class HostResolverTests
{
    [Fact]
    public void A_zone_gets_servers_search_list_and_options_and_nothing_else() => Assert.Equal(
        "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch example.net example.com\noptions edns0 timeout:1\n",
        HostResolver.ForZone("# by hand\nnameserver 192.0.2.53\r\nnameserver\t2001:db8::53 # the other one\n nameserver 192.0.2.54\nnameserver\nsearch example.net  example.com\nsortlist 192.0.2.0\noptions edns0 timeout:1"));

    [Theory]
    [InlineData("127.0.0.53")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.53")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1")]
    [InlineData("nas")]
    public void A_server_that_is_another_one_in_a_zone_is_never_handed_on(string server)
    {
        Assert.Null(HostResolver.ForZone($"nameserver {server}\nsearch example.net\n"));
        Assert.Equal("nameserver 192.0.2.53\n", HostResolver.ForZone($"nameserver {server}\nnameserver 192.0.2.53\n"));
    }

    [Fact]
    public void What_the_stub_of_systemd_resolved_asks_is_taken_when_the_host_names_the_stub_only()
    {
        const string stub = "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch example.net\n";
        Dictionary<string, string> files = new() { ["/etc/resolv.conf"] = stub, ["/run/systemd/resolve/resolv.conf"] = "nameserver 192.0.2.53\n" };
        Assert.Equal("nameserver 192.0.2.53\n", HostResolver.ForZone(f => files.GetValueOrDefault(f, "")));
        files["/etc/resolv.conf"] = "nameserver 192.0.2.1\n";
        Assert.Equal("nameserver 192.0.2.1\n", HostResolver.ForZone(f => files.GetValueOrDefault(f, "")));
        files["/etc/resolv.conf"] = stub;
        files.Remove("/run/systemd/resolve/resolv.conf");
        Assert.Null(HostResolver.ForZone(f => files.GetValueOrDefault(f, "")));
    }
}
