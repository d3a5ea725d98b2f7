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
        (storage, sectors, fsType) => new RootImage(storage, sectors * 4096, fsType));

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

    public static readonly Gen<ZoneConfig> Configs = Gen.Select(
        ZoneNames,
        Paths,
        Gen.Bool,
        Images.Null(),
        Nets.Array[0, 4],
        Attrs.Array[0, 4],
        (name, path, autoboot, image, nets, attrs) => new ZoneConfig
        {
            Name = name,
            Uuid = Guid.NewGuid(),
            ZonePath = path,
            Autoboot = autoboot,
            RootImage = image,
            Net = [.. nets.DistinctBy(n => n.Address ?? Guid.NewGuid().ToString())],
            Attr = [.. attrs.DistinctBy(a => a.Name)],
        });

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
