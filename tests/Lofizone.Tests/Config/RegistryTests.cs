using System.Reflection;
using System.Text.Json.Nodes;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Tests.Config;

/// <summary>The registry of properties: every entry has an effect, sound examples, and a place in what is made of the registry.</summary>
public sealed class RegistryTests
{
    /// <summary>Notes for people and programs, which the system itself does not read.</summary>
    private static readonly string[] _notes = ["attr: name", "attr: type", "attr: value"];

    /// <summary>All properties that a zone can have, by the names of <see cref="EffectOfAttribute"/>.</summary>
    private static IEnumerable<string> Properties =>
    [
        .. GlobalProperties.All.Select(p => p.Name),
        .. ResourceTypes.All.Where(t => !t.IsView).SelectMany(t => t.Properties.Where(p => p.Refusal is null).Select(p => $"{t.Name}: {p.Name}")),
    ];

    [Fact]
    public void Every_property_has_an_effect_and_every_effect_a_property()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<string> effects = typeof(ZoneConfig).Assembly.GetTypes()
            .SelectMany(t => t.GetMembers(All).Append(t))
            .SelectMany(m => m.GetCustomAttributes<EffectOfAttribute>(inherit: false))
            .SelectMany(a => a.Properties);
        Assert.Equal(Properties.Except(_notes).Order(StringComparer.Ordinal), effects.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_example_is_a_sound_value_in_the_form_for_keeping() => Assert.All(
        GlobalProperties.All.Cast<Property>().Concat(ResourceTypes.All.SelectMany(t => t.Properties)).Where(p => p.Refusal is null),
        property =>
        {
            Assert.NotEmpty(property.Kind.Examples);
            Assert.All(property.Kind.Examples, e => Assert.Equal((null, e), (property.Kind.Check(e), property.Kind.Normalize(e))));
            Assert.True(property.Default is null || property.Kind.Check(property.Default) is null, property.Name);
        });

    [Fact]
    public void No_name_is_there_twice() => Assert.Distinct(Properties);

    [Fact]
    public void Help_and_schema_have_every_property()
    {
        string help = ZonecfgReference.Help("properties");
        JsonNode schema = JsonNode.Parse(ZoneSchema.Text())!["properties"]!;
        Assert.All(GlobalProperties.All, p => Assert.Contains($"\t{p.Name}={p.Kind.Syntax}\n", help, StringComparison.Ordinal));
        Assert.All(
            GlobalProperties.All.Where(p => !p.IsIdentity), p => Assert.NotNull(p.IsInValues ? schema["properties"]!["properties"]![p.Name] : schema[p.Name]));
        foreach (ResourceType type in ResourceTypes.All)
        {
            Assert.Contains($"\n{type.Name}:\n", help, StringComparison.Ordinal);
            if (type.IsView)
                continue;
            JsonNode? one = type.IsInResources ? schema["resources"]!["properties"]![type.Name]!["items"] : schema[type.Name]!["items"] ?? schema[type.Name];
            Assert.All(type.Properties.Where(p => p.Refusal is null), p => Assert.NotNull(one!["properties"]![p.Name]));
        }
    }

    [Fact]
    public void A_difference_names_each_changed_property_and_when_it_counts()
    {
        ZoneConfig before = ConfigAssignments.Apply(new ZoneConfig { Name = "web" }, ["max-lwps=200", "capped-memory.locked=1m"], ["native"]);
        ZoneConfig after = ConfigAssignments.Apply(before, ["max-lwps=", "capped-memory.locked=2m", "capped-memory.physical=1g", "autoboot=true"], ["native"]);
        Assert.Equal(
            [
                "autoboot: false -> true AtOnce", "max-lwps: 200 -> (not set) Live", "capped-memory: physical: (not set) -> 1g Live",
                "capped-memory: locked: 1m -> 2m NextBoot",
            ],
            ConfigDifference.Between(before, after).Select(c => $"{c.Text} {c.Time}"));
        ZoneConfig live = ConfigDifference.WithLive(before, after);
        Assert.Equal(["capped-memory: locked: 1m -> 2m"], ConfigDifference.Between(live, after).Select(c => c.Text));
        Assert.Equal(ZoneConfigJson.Digest(before), ZoneConfigJson.Digest(ConfigDifference.WithLive(live, before)));
    }

    [Fact]
    public async Task An_rctl_is_another_spelling_of_the_property_of_its_name()
    {
        MemoryStore store = new() { Zones = { ["web"] = new ZoneConfig { Name = "web", ZonePath = "/zones/web" } } };
        FakeTerminal pipe = new(false);
        int exitCode = await new ZonecfgSession(store, "web", pipe).RunArgumentAsync(
            "add rctl; set name=zone.cpu-shares; add value (priv=privileged,limit=7,action=none); end; "
            + "add rctl; set name=zone.cpu-cap; set value=(priv=privileged,limit=150,action=deny); end; "
            + "add rctl; set name=zone.max-swap; add value (priv=privileged,limit=1048576,action=deny); cancel; "
            + "select rctl name=zone.cpu-shares; remove value (priv=privileged,limit=7,action=none); add value (priv=privileged,limit=8,action=none); end; info rctl",
            TestContext.Current.CancellationToken);
        Assert.Equal(
            (0, "rctl:\n\tname: zone.cpu-shares\n\tvalue: \"(priv=privileged,limit=8,action=none)\"\nrctl:\n\tname: zone.cpu-cap\n\tvalue: \"(priv=privileged,limit=150,action=deny)\"\n"),
            (exitCode, pipe.Screen));
        Assert.Equal("8", GlobalProperties.CpuShares.Get(store.Zones["web"]));
        Assert.Equal("1.5", ResourceTypes.CappedCpu.Get(store.Zones["web"])[0]["ncpus"]);
    }

    [Theory]
    [InlineData("nfs://user:staff@nas:2050/export/zones/web/root.img", "nfs://user:staff@nas:2050/export/zones")]
    [InlineData("nfs://nas/zones/web/root.img?transport=user", "nfs://nas/zones?transport=user")]
    [InlineData("dir:/srv/zones/web/root.img", "dir:/srv/zones")]
    public async Task A_storage_URI_of_the_image_itself_is_taken_for_its_share_and_that_is_told(string file, string share)
    {
        MemoryStore store = new() { Zones = { ["web"] = new ZoneConfig { Name = "web", ZonePath = "/zones/web" } } };
        FakeTerminal pipe = new(false);
        Assert.Equal(0, await new ZonecfgSession(store, "web", pipe).RunArgumentAsync($"add rootimage; set storage={file}; set size=1g; end", TestContext.Current.CancellationToken));
        Assert.Equal($"{file}: taken for the image of zone web on the share {share}\n", pipe.Screen);
        Assert.Equal(share, store.Zones["web"].RootImage!.Storage);
    }
}
