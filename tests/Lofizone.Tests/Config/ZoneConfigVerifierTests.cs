using CsCheck;
using Lofizone.Config;

namespace Lofizone.Tests.Config;

public sealed class ZoneConfigVerifierTests
{
    private static readonly string[] Brands = ["native"];

    private static readonly ZoneConfig Sound = new() { Name = "zone1", ZonePath = "/zones/zone1" };

    private static string TheProblem(ZoneConfig config) => Assert.Single(ZoneConfigVerifier.Verify(config, Brands));

    [Fact]
    public void A_sound_configuration_has_no_problem() => ConfigGen.Configs.Sample(config => Assert.Empty(ZoneConfigVerifier.Verify(config, Brands)));

    [Fact]
    public void The_zonepath_is_required() => Assert.Equal("zonepath: required property missing", TheProblem(Sound with { ZonePath = null }));

    [Theory]
    [InlineData("zones/zone1", "zonepath: 'zones/zone1' is not an absolute path")]
    [InlineData("", "zonepath: '' is not an absolute path")]
    [InlineData("/", "zonepath: '/' is the root of the global zone")]
    [InlineData("/zones/../etc", "zonepath: '/zones/../etc' holds '.' or '..'")]
    [InlineData("/zones/./etc", "zonepath: '/zones/./etc' holds '.' or '..'")]
    [InlineData("/zones//zone1", "zonepath: '/zones//zone1' holds an empty name: write it without '//' and without a '/' at the end")]
    [InlineData("/zones/zone1/", "zonepath: '/zones/zone1/' holds an empty name: write it without '//' and without a '/' at the end")]
    [InlineData("/zones/a\nb", "zonepath: it holds a control character")]
    public void A_zonepath_is_absolute_and_normalized(string path, string problem) => Assert.Equal(problem, TheProblem(Sound with { ZonePath = path }));

    [Fact]
    public void The_brand_is_one_of_this_system() =>
        Assert.Equal("brand: 'lx' is no known brand, this system has native", TheProblem(Sound with { Brand = "lx" }));

    [Theory]
    [InlineData("nas:/export", 1L << 30, "ext4", "rootimage: storage: nas:/export: not a share: neither nfs://SERVER/path nor dir:/path")]
    [InlineData("dir:/s", 4096L, "ext4", "rootimage: size: 4k is too small, an image has at least 16m")]
    [InlineData("dir:/s", 1L << 51, "ext4", "rootimage: size: 2p is too large, an image has at most 1p")]
    [InlineData("dir:/s", (1L << 30) + 1, "ext4", "rootimage: size: 1073741825 is not a multiple of 4096 bytes")]
    [InlineData("dir:/s", 1L << 30, "ufs", "rootimage: fstype: 'ufs' is none of ext4, xfs, btrfs")]
    public void A_rootimage_has_a_share_a_size_and_a_known_file_system(string storage, long size, string fsType, string problem) =>
        Assert.Equal(problem, TheProblem(Sound with { RootImage = new RootImage(storage, size, fsType) }));

    [Theory]
    [InlineData("", null, null, "physical: '' is no interface name")]
    [InlineData("abcdefghijklmnop", null, null, "physical: 'abcdefghijklmnop' is longer than 15 characters, which no interface name is")]
    [InlineData("a/b", null, null, "physical: 'a/b' is no interface name")]
    [InlineData("a b", null, null, "physical: 'a b' is no interface name")]
    [InlineData("-x", null, null, "physical: '-x' is no interface name")]
    [InlineData("br0", "192.0.2.7", null, "address: the prefix length is missing, write 192.0.2.7/24 for example")]
    [InlineData("br0", "2001:db8::7", null, "address: the prefix length is missing, write 2001:db8::7/64 for example")]
    [InlineData("br0", "192.0.2.7/33", null, "address: prefix length '33' is not a number from 1 to 32")]
    [InlineData("br0", "192.0.2.7/0", null, "address: prefix length '0' is not a number from 1 to 32")]
    [InlineData("br0", "2001:db8::7/129", null, "address: prefix length '129' is not a number from 1 to 128")]
    [InlineData("br0", "10.1/8", null, "address: '10.1' is no IPv4 or IPv6 address")]
    [InlineData("br0", "010.0.0.1/8", null, "address: '010.0.0.1' is no IPv4 or IPv6 address")]
    [InlineData("br0", "[2001:db8::7]/64", null, "address: '[2001:db8::7]' is no IPv4 or IPv6 address")]
    [InlineData("br0", "fe80::1%eth0/64", null, "address: 'fe80::1%eth0' is no IPv4 or IPv6 address")]
    [InlineData("br0", "web.example/24", null, "address: 'web.example' is no IPv4 or IPv6 address")]
    [InlineData("br0", "192.0.2.0/24", null, "address: 192.0.2.0 is the address of the network /24 itself, not of a host in it")]
    [InlineData("br0", "192.0.2.255/24", null, "address: 192.0.2.255 is the broadcast address of its network /24")]
    [InlineData("br0", "0.0.0.0/24", null, "address: 0.0.0.0 stands for no address")]
    [InlineData("br0", "127.0.0.2/8", null, "address: 127.0.0.2 is a loopback address, which every zone has anyway")]
    [InlineData("br0", "224.0.0.2/8", null, "address: 224.0.0.2 is a multicast or reserved address")]
    [InlineData("br0", null, "192.0.2.1", "defrouter: a default router needs an address on the same net resource")]
    [InlineData("br0", "192.0.2.7/24", "192.0.2.1/24", "defrouter: '192.0.2.1/24' has a prefix length: write the router's address alone")]
    [InlineData("br0", "192.0.2.7/24", "router", "defrouter: 'router' is no IPv4 or IPv6 address")]
    [InlineData("br0", "192.0.2.7/24", "192.0.2.7", "defrouter: 192.0.2.7 is the zone's own address")]
    [InlineData("br0", "192.0.2.7/24", "2001:db8::1", "defrouter: 2001:db8::1 and address 192.0.2.7 are not of the same family")]
    [InlineData("br0", "192.0.2.7/25", "192.0.2.200", "defrouter: 192.0.2.200 is not in the network of address 192.0.2.7/25, so the zone could not reach it")]
    public void A_net_has_an_interface_and_addresses_that_fit(string physical, string? address, string? router, string problem) =>
        Assert.Equal($"net physical={physical}: {problem}", TheProblem(Sound with { Net = [new NetResource(physical, address, router)] }));

    [Fact]
    public void Point_to_point_networks_and_link_local_routers_are_fine()
    {
        NetResource[] nets = [new("br0", "192.0.2.0/31", "192.0.2.1"), new("br0", "192.0.2.9/32"), new("br0", "2001:db8::7/64", "fe80::1")];
        Assert.Empty(ZoneConfigVerifier.Verify(Sound with { Net = nets }, Brands));
    }

    [Fact]
    public void Two_nets_with_one_address_are_refused_however_it_is_written() => Assert.Equal(
        "net physical=br1: address: 2001:db8::7 belongs to another net resource of this zone already",
        TheProblem(Sound with { Net = [new NetResource("br0", "2001:db8::7/64"), new NetResource("br1", "2001:DB8:0::0007/48")] }));

    [Theory]
    [InlineData("-a", "string", "x", "name: '-a' is no attribute name: it starts with a letter or digit and goes on with letters, digits, '-', '_' and '.'")]
    [InlineData("zone.a", "string", "x", "name: 'zone.a' is reserved: attribute names that start with 'zone' are the system's")]
    [InlineData("a", "text", "x", "type: 'text' is none of string, boolean, int, uint")]
    [InlineData("a", "string", "", "value: it is empty")]
    [InlineData("a", "boolean", "yes", "value: 'yes' is not true or false")]
    [InlineData("a", "int", "1.5", "value: '1.5' is no integer")]
    [InlineData("a", "uint", "-1", "value: '-1' is no unsigned integer")]
    [InlineData("a", "uint", "18446744073709551616", "value: '18446744073709551616' is no unsigned integer")]
    public void An_attr_has_a_name_a_type_and_a_value_of_it(string name, string type, string value, string problem) =>
        Assert.Equal($"attr name={name}: {problem}", TheProblem(Sound with { Attr = [new AttrResource(name, type, value)] }));

    [Fact]
    public void Two_attrs_of_one_name_are_refused() => Assert.Equal(
        "attr name=a: name: another attr resource has it already",
        TheProblem(Sound with { Attr = [new AttrResource("a", "int", "1"), new AttrResource("a", "int", "2")] }));

    [Fact]
    public void More_resources_than_the_limit_are_refused() => Assert.Equal(
        "net: 257 resources, at most 256 are allowed",
        TheProblem(Sound with { Net = [.. Enumerable.Repeat(new NetResource("br0"), 257)] }));

    [Fact]
    public void Every_problem_is_named() => Assert.Equal(3, ZoneConfigVerifier.Verify(Sound with { ZonePath = null, Brand = "lx", RootImage = new RootImage("dir:/s", 1 << 30, "ufs") }, Brands).Count);
}
