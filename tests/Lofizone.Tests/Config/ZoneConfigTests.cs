using System.Collections;
using System.Reflection;
using CsCheck;
using Lofizone.Config;

namespace Lofizone.Tests.Config;

/// <summary>No member of a configuration escapes the tests of all configurations, nor the verifier.</summary>
public sealed class ZoneConfigTests
{
    // One brand exists.
    private static readonly string[] _undrawn = [nameof(ZoneConfig.Brand)];

    [Fact]
    public void Every_member_is_drawn_with_more_than_one_value()
    {
        Dictionary<string, HashSet<object>> drawn = Names(typeof(ZoneConfig)).ToDictionary(name => name, _ => new HashSet<object>());
        Lock gate = new();
        ConfigGen.Configs.Sample(config =>
        {
            lock (gate)
            {
                foreach ((string name, object owner, PropertyInfo member) in Leaves(config))
                    drawn[name].Add(member.GetValue(owner) ?? "null");
            }
        });
        Assert.Equal(_undrawn, drawn.Where(member => member.Value.Count < 2).Select(member => member.Key));
    }

    [Fact]
    public void Every_property_of_the_registry_is_drawn_with_and_without_a_value()
    {
        HashSet<string> drawn = [];
        Lock gate = new();
        ConfigGen.Configs.Sample(config =>
        {
            lock (gate)
            {
                foreach (GlobalProperty property in GlobalProperties.All)
                    drawn.Add($"{property.Name} {property.Get(config) is null}");
                foreach (ResourceType type in ResourceTypes.All)
                {
                    drawn.UnionWith(type.Get(config).SelectMany(values => type.Properties.Select(p => $"{type.Name} {p.Name} {values.ContainsKey(p.Name)}")));
                }
            }
        }, iter: 3000);
        Assert.All(GlobalProperties.All, p => Assert.Contains($"{p.Name} False", drawn));
        Assert.All(GlobalProperties.All.Where(p => p.IsInValues), p => Assert.Contains($"{p.Name} True", drawn));
        Assert.All(ResourceTypes.All.SelectMany(t => t.Properties.Where(p => p.Refusal is null).Select(p => $"{t.Name} {p.Name} True")), expected => Assert.Contains(expected, drawn));
    }

    [Fact]
    public void Every_text_and_every_number_is_verified()
    {
        object[] absurd = ["\u001b", long.MinValue, long.MaxValue];
        foreach (string name in Names(typeof(ZoneConfig)))
        {
            foreach (object value in absurd)
            {
                ZoneConfig config = Whole();
                Assert.Empty(ZoneConfigVerifier.VerifyShared(config));
                (_, object owner, PropertyInfo member) = Leaves(config).First(leaf => leaf.Name == name);
                if ((Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType) != value.GetType())
                    continue;
                member.SetValue(owner, value);
                Assert.True(ZoneConfigVerifier.VerifyShared(config).Count > 0, $"{name} = {value} is not refused");
            }
        }
    }

    /// <summary>A configuration with every resource.</summary>
    private static ZoneConfig Whole() => new()
    {
        Name = "web",
        ZonePath = "/zones/web",
        RootImage = new RootImage("nfs://nas/export/zones", 300 << 20),
        Net = [new NetResource("br0", "192.0.2.7/24", "192.0.2.1")],
        Attr = [new AttrResource("owner", "string", "joost")],
    };

    /// <summary>All members that hold a value, those of resources behind the resource's name: <c>RootImage.Size</c>.</summary>
    private static IEnumerable<string> Names(Type type) => Members(type).SelectMany(member => ResourceOf(member) is { } resource
        ? Names(resource).Select(name => $"{member.Name}.{name}")
        : [member.Name]);

    private static IEnumerable<(string Name, object Owner, PropertyInfo Member)> Leaves(object owner) =>
        Members(owner.GetType()).SelectMany(member => (ResourceOf(member), member.GetValue(owner)) switch
        {
            (null, _) => [(member.Name, owner, member)],
            (_, null) => [],
            (_, IEnumerable list) => list.Cast<object>().SelectMany(Leaves).Select(leaf => ($"{member.Name}.{leaf.Name}", leaf.Owner, leaf.Member)),
            (_, var one) => Leaves(one).Select(leaf => ($"{member.Name}.{leaf.Name}", leaf.Owner, leaf.Member)),
        });

    private static IEnumerable<PropertyInfo> Members(Type type) => type.GetProperties()
        .Where(member => member.CanWrite && member.Name is not (nameof(ZoneConfig.Values) or nameof(ZoneConfig.Resources)));

    /// <summary>The resource's record, of which a member holds one or a list; null for a member that holds a value.</summary>
    private static Type? ResourceOf(PropertyInfo member)
    {
        Type type = member.PropertyType.IsGenericType && !member.PropertyType.IsValueType ? member.PropertyType.GetGenericArguments()[0] : member.PropertyType;
        return type.IsValueType || type == typeof(string) ? null : type;
    }
}
