using CsCheck;
using Lofizone.Config;

namespace Lofizone.Tests.Config;

/// <summary>Generators of sound configurations, for properties that hold for every sound configuration.</summary>
internal static class ConfigGen
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abcxyz0189_-."], 0, 12];

    public static readonly Gen<string> ZoneNames = Word.Select(w => "z" + w);

    // The texts contain characters that are hard to quote: separators, quotes, backslashes, brackets, characters outside ASCII.
    public static readonly Gen<string> Values = Gen.String[Gen.Char["ab0 =;,#\"\\()[]{}'$éж日:/@."], 1, 24];

    private static readonly Gen<string> Paths = Gen.String[Gen.Char["abz09 .-_=;é\""], 1, 8]
        .Where(n => n is not ("." or "..")).Array[1, 4].Select(names => "/" + string.Join('/', names));

    private static readonly Gen<RootImage> Images = Gen.Select(
        Pick("dir:/var/share", "nfs://nas/export/zones", "nfs://joost:staff@[2001:db8::1]:2050/z", "dir:/a%20b;c=%22d%22%23e"),
        Gen.Long[4096, 1L << 28],
        Pick("ext4", "xfs", "btrfs"),
        Gen.Int[10, 1000].Select(n => (long)n).Nullable(),
        Gen.Int[1 << 20, 1 << 30].Select(n => (long)n).Nullable(),
        (storage, sectors, fsType, iops, bandwidth) => new RootImage(storage, sectors * 4096, fsType, iops, bandwidth));

    private static readonly Gen<NetResource> Nets = Gen.Select(Pick("br0", "eth0.12", "hme0", "a#b;c"), Gen.Int[0, 3], Gen.Int[1, 250], (physical, kind, host) => kind switch
    {
        0 => new NetResource(physical),
        1 => new NetResource(physical, $"192.0.2.{host}/24"),
        2 => new NetResource(physical, $"192.0.2.{host}/24", "192.0.2.254"),
        _ => new NetResource(physical, $"2001:db8::{host:x}/64", "fe80::1"),
    });

    private static readonly Gen<AttrResource> Attrs = Gen.Select(Word, Gen.Int[0, 3], Values, Gen.Long, (name, kind, text, number) => kind switch
    {
        0 => new AttrResource("a" + name, "boolean", number > 0 ? "true" : "false"),
        1 => new AttrResource("a" + name, "int", number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        2 => new AttrResource("a" + name, "uint", unchecked((ulong)number).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        _ => new AttrResource("a" + name, "string", text),
    });

    /// <summary>Values of every property and resource of the registry that has no member of its own, from the examples of its kind.</summary>
    private static readonly Gen<ZoneConfig> RegistryValues = Gen.Int[0, 7].Array[GlobalProperties.All.Count + ResourceTypes.All.Sum(t => 1 + t.Properties.Count)]
        .Select(draws =>
        {
            var draw = new Queue<int>(draws);
            ZoneConfig config = new() { Name = "z" };
            foreach (GlobalProperty property in GlobalProperties.All.Where(p => p.IsInValues && p.Refusal is null))
            {
                if (Example(property, draw.Dequeue()) is { } value)
                    config = property.With(config, value);
            }

            foreach (ResourceType type in ResourceTypes.All.Where(t => t.IsInResources && t.Refusal is null && draw.Dequeue() > 3))
            {
                var values = type.Defaults;
                foreach (Property property in type.Properties.Where(p => p.Refusal is null))
                {
                    if (Example(property, draw.Dequeue() + (property.Required ? 4 : 0)) is { } value)
                        values = values.SetItem(property.Name, value);
                }

                ZoneConfig with = type.With(config, [values]);
                if (!RegistryVerifier.Problems(with).Any())
                    config = with;
            }

            return config;
        });

    public static readonly Gen<ZoneConfig> Configs = Gen.Select(
        ZoneNames,
        Paths,
        Gen.Bool,
        Images.Null(),
        Nets.Array[0, 4],
        Gen.Select(Attrs.Array[0, 4], RegistryValues),
        (name, path, autoboot, image, nets, rest) => rest.Item2 with
        {
            Name = name,
            Uuid = Guid.NewGuid(),
            ZonePath = path,
            Autoboot = autoboot,
            RootImage = image,
            Net = [.. nets.DistinctBy(n => n.Address ?? Guid.NewGuid().ToString())],
            Attr = [.. rest.Item1.DistinctBy(a => a.Name)],
        });

    private static string? Example(Property property, int draw) =>
        draw < 4 ? null : property.Kind.Normalize(property.Kind.Examples[draw % property.Kind.Examples.Count]);

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
