using System.Collections.Immutable;
using Lofizone.Shares;

namespace Lofizone.Config.Zonecfg;

/// <summary>The resources of a zone, in the order in which they are printed. A new resource is one entry here.</summary>
internal static class ResourceTypes
{
    public static ResourceType RootImage { get; } = new(
        "rootimage",
        "The image that holds the zone's root file system: the file ZONENAME/root.img on a share.\nA zone without one takes whatever "
        + "file system is mounted at its zonepath.",
        [
            new(
                "storage", "<share>",
                "where the image lies: nfs://[USER[:GROUP]@]SERVER[:PORT][,SERVER[:PORT]...]/export/path[?connections=N] or dir:/path",
                PropertyChecks.Storage)
            {
                Required = true,
                Normalize = v => ShareUri.Parse(v).ToString(),
            },
            new(
                "size", "<number>[k|m|g|t|kB|MB|...]", $"size of the image, at least 16m, rounded up to whole 4k: {ByteSize.Forms}",
                CheckSize)
            {
                Required = true,
                Normalize = v => ByteSize.Format(ByteSize.WholeSectors(ByteSize.TryParse(v)!.Value)),
            },
            new(
                "fstype", string.Join(" | ", PropertyChecks.FsTypes), "file system in the image",
                PropertyChecks.FsType) { Default = "ext4" },
        ],
        config => config.RootImage is { } image
            ? [Values(("storage", image.Storage), ("size", ByteSize.Format(image.Size)), ("fstype", image.FsType))]
            : [],
        (config, list) => config with
        {
            RootImage = list is [var v, ..] ? new RootImage(v["storage"], ByteSize.TryParse(v["size"])!.Value, v["fstype"]) : null,
        })
    {
        Single = true,
    };

    public static ResourceType Net { get; } = new(
        "net",
        "A network interface of the zone. A zone without one has the loopback interface only.",
        [
            new(
                "address", "<IP-address>/<prefix-length>", "the interface's address, for example 192.0.2.7/24 or 2001:db8::7/64",
                PropertyChecks.Address),
            new(
                "physical", "<interface>",
                "a bridge of the global zone (the zone gets a veth on it) or a NIC (the zone gets a macvlan of it)",
                PropertyChecks.Physical) { Required = true },
            new("defrouter", "<IP-address>", "the default router; needs an address of the same network", PropertyChecks.DefRouter),
        ],
        config => [.. config.Net.Select(n => Values(("address", n.Address), ("physical", n.Physical), ("defrouter", n.DefRouter)))],
        (config, list) => config with
        {
            Net = [.. list.Select(v => new NetResource(v["physical"], v.GetValueOrDefault("address"), v.GetValueOrDefault("defrouter")))],
        });

    public static ResourceType Attr { get; } = new(
        "attr",
        "A note on the zone that the system itself does not read.",
        [
            new(
                "name", "<name>", "letters, digits, '-', '_' and '.'; must not start with 'zone'",
                PropertyChecks.AttrName) { Required = true },
            new("type", string.Join(" | ", PropertyChecks.AttrTypes), "what the value is", PropertyChecks.AttrType) { Required = true },
            new("value", "<value>", "a text, true or false, an integer, or an unsigned integer", PropertyChecks.Text) { Required = true },
        ],
        config => [.. config.Attr.Select(a => Values(("name", a.Name), ("type", a.Type), ("value", a.Value)))],
        (config, list) => config with { Attr = [.. list.Select(v => new AttrResource(v["name"], v["type"], v["value"]))] });

    public static IReadOnlyList<ResourceType> All { get; } = [RootImage, Net, Attr];

    /// <exception cref="LofizoneException">There is no such resource.</exception>
    public static ResourceType Find(string name) =>
        All.FirstOrDefault(t => t.Name == name)
        ?? throw new LofizoneException(
            $"{SafeText.Text(name)}: no such resource type", $"the resource types are {string.Join(", ", All.Select(t => t.Name))}");

    private static ImmutableDictionary<string, string> Values(params ReadOnlySpan<(string Name, string? Value)> pairs)
    {
        var builder = ImmutableDictionary.CreateBuilder<string, string>();
        foreach ((string name, string? value) in pairs)
        {
            if (value is not null)
                builder[name] = value;
        }

        return builder.ToImmutable();
    }

    private static string? CheckSize(string text) =>
        ByteSize.TryParse(text) is not { } bytes ? $"'{SafeText.Text(text)}' is no size: write {ByteSize.Forms}"
        : bytes > PropertyChecks.MaxImageSizeBytes ? PropertyChecks.ImageSize(bytes)
        : PropertyChecks.ImageSize(ByteSize.WholeSectors(bytes));
}
