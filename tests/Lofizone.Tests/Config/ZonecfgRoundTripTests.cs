using CsCheck;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Tests.Config;

public sealed class ZonecfgRoundTripTests
{
    [Fact]
    public Task What_export_prints_makes_the_same_configuration_again() => ConfigGen.Configs.SampleAsync(async config =>
    {
        MemoryStore store = new();
        FakeTerminal pipe = new(false);
        int exitCode = await new ZonecfgSession(store, config.Name, pipe).RunFileAsync(new StringReader(ConfigPrinter.Export(config)), "export");
        Assert.Equal((0, ""), (exitCode, pipe.Screen));
        ZoneConfig made = store.Zones[config.Name];
        Assert.NotEqual(config.Uuid, made.Uuid);
        return ZoneConfigJson.Digest(made with { Uuid = config.Uuid }) == ZoneConfigJson.Digest(config);
    });

    [Fact]
    public void Every_property_but_a_required_one_can_be_cleared_and_has_its_default_then() => ConfigGen.Configs.Sample(config =>
    {
        Assert.Equal(["zonename", "zonepath"], GlobalProperties.All.Where(property => property.Clear is null).Select(property => property.Name));
        foreach (GlobalProperty property in GlobalProperties.All.Where(property => property.Clear is not null))
            Assert.Equal(property.Get(new ZoneConfig { Name = config.Name }), property.Get(property.Clear!(config)));
    });

    [Fact]
    public void A_quoted_value_is_one_word_again() => ConfigGen.Values.Sample(value =>
    {
        var tokens = Assert.Single(Lexer.Cut("set a=" + ConfigPrinter.Quote(value)));
        return tokens.Count == 4 && tokens[3].Text == value;
    });

    [Fact]
    public void Every_command_and_resource_has_help()
    {
        Assert.All(CommandTable.All, c => Assert.StartsWith(c.Name, c.Usage, StringComparison.Ordinal));
        Assert.Equal(CommandTable.All.Select(c => c.Name).Order(StringComparer.Ordinal), CommandTable.All.Select(c => c.Name));
    }

    [Fact]
    public async Task Help_on_a_resource_is_its_reference()
    {
        FakeTerminal pipe = new(false);
        await new ZonecfgSession(new MemoryStore(), "zone1", pipe).RunArgumentAsync("help net; ? end; help autoboot", TestContext.Current.CancellationToken);
        Assert.Equal(
            """
            net:
            	A network interface of the zone. A zone without one has the loopback interface only.
            	set address=<IP-address>/<prefix-length>
            		the interface's address, for example 192.0.2.7/24 or 2001:db8::7/64
            	set physical=<interface> (required)
            		a bridge of the global zone (the zone gets a veth on it) or a NIC (the zone gets a macvlan of it)
            	set defrouter=<IP-address>
            		the default router; needs an address of the same network
            	'end' takes the resource into the zone, 'cancel' drops it.
            end
            	Ends the specification of a resource and takes it into the configuration.
            	(while a resource is being specified)
            autoboot=true | false
            	boot the zone when the host boots; false unless set

            """,
            pipe.Screen);
    }

    [Theory]
    [InlineData("help")]
    [InlineData("help commands")]
    [InlineData("help properties")]
    [InlineData("help syntax")]
    [InlineData("help usage")]
    public async Task Help_works_before_there_is_a_zone(string command)
    {
        FakeTerminal pipe = new(false);
        Assert.Equal(0, await new ZonecfgSession(new MemoryStore(), "zone1", pipe).RunArgumentAsync(command, TestContext.Current.CancellationToken));
        Assert.NotEmpty(pipe.Screen);
    }
}
