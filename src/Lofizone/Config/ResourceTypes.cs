using System.Collections.Immutable;
using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Config;

/// <summary>
/// The registry of resources, in the order of printing. A new resource is one entry here, and its effect.
/// </summary>
public static class ResourceTypes
{
    /// <summary>Least limits of an image's I/O. With less, one request of 1 MiB would delay the next for seconds.</summary>
    private const long MinIops = 10, MinBandwidthBytes = 1 << 20;

    private const long MaxIopsLimit = 10_000_000, MaxBandwidthLimitBytes = 1L << 40;

    internal static Property MaxIops { get; } = new(
        "max-iops", ValueKind.Count(MinIops, MaxIopsLimit), "most reads of the image in a second, and most writes; no limit unless set")
    {
        Change = ChangeTime.Live,
    };

    internal static Property MaxBandwidth { get; } = new(
        "max-bandwidth",
        ValueKind.Size(MinBandwidthBytes, MaxBandwidthLimitBytes),
        "most bytes read from the image in a second, and most bytes written; no limit unless set")
    {
        Change = ChangeTime.Live,
    };

    public static ResourceType RootImage { get; } = new(
        "rootimage",
        "The image that holds the zone's root file system: the file ZONENAME/root.img on a share.\nA zone without one takes whatever "
        + "file system is mounted at its zonepath.",
        [
            new(
                "storage",
                new ValueKind(
                    "<share>", PropertyChecks.Storage, "nfs://nas/export/zones", "nfs://zone:staff@10.0.0.1,10.0.0.2/tank/zones",
                        "dir:/var/zones")
                {
                    Normalize = v => StorageText.Share(v).ToString(),
                    Told = StorageText.Told,
                },
                "where the image lies: nfs://[USER[:GROUP]@]SERVER[:PORT][,SERVER[:PORT]...]/export/path[?connections=N] or dir:/path")
            {
                Required = true,
                Change = ChangeTime.NextInstall,
            },
            new(
                "size",
                new ValueKind("<number>[k|m|g|t|kB|MB|...]", CheckSize, "16m", "10g")
                {
                    Normalize = v => ByteSize.Format(ByteSize.WholeSectors(ByteSize.TryParse(v)!.Value)),
                },
                $"size of the image, at least 16m, rounded up to whole 4k: {ByteSize.Forms}")
            {
                Required = true,
                Change = ChangeTime.NextInstall,
            },
            new("fstype", ValueKind.OneOf(PropertyChecks.FsTypes), "file system in the image")
            {
                Default = "ext4",
                Change = ChangeTime.NextInstall,
            },
            MaxIops,
            MaxBandwidth,
        ],
        config => config.RootImage is { } image
            ? [Values(("storage", image.Storage), ("size", ByteSize.Format(image.Size)), ("fstype", image.FsType),
                ("max-iops", image.MaxIops?.ToString(CultureInfo.InvariantCulture)),
                ("max-bandwidth", image.MaxBandwidth is { } most ? ByteSize.Format(most) : null))]
            : [],
        (config, list) => config with
        {
            RootImage = list is [var v, ..]
                ? new RootImage(
                    v["storage"], ByteSize.TryParse(v["size"])!.Value, v["fstype"],
                    v.TryGetValue("max-iops", out string? iops) ? long.Parse(iops, CultureInfo.InvariantCulture) : null,
                    v.TryGetValue("max-bandwidth", out string? bandwidth) ? ByteSize.TryParse(bandwidth) : null)
                : null,
        })
    {
        Single = true,
        Origin = PropertyOrigin.Lofizone,
    };

    public static ResourceType Net { get; } = new(
        "net",
        "A network interface of the zone. A zone without one has the loopback interface only.",
        [
            new(
                "address",
                new ValueKind("<IP-address>/<prefix-length>", PropertyChecks.Address, "192.0.2.7/24", "2001:db8::7/64"),
                "the interface's address, for example 192.0.2.7/24 or 2001:db8::7/64"),
            new(
                "physical",
                new ValueKind("<interface>", PropertyChecks.Physical, "br0"),
                "a bridge of the global zone (the zone gets a veth on it) or a NIC (the zone gets a macvlan of it)") { Required = true },
            new(
                "defrouter",
                new ValueKind("<IP-address>", PropertyChecks.DefRouter, "192.0.2.1"),
                "the default router; needs an address of the same network"),
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
                "name", new ValueKind("<name>", PropertyChecks.AttrName, "comment"),
                "letters, digits, '-', '_' and '.'; must not start with 'zone'") { Required = true, Change = ChangeTime.AtOnce },
            new("type", ValueKind.OneOf(PropertyChecks.AttrTypes), "what the value is") { Required = true, Change = ChangeTime.AtOnce },
            new(
                "value", new ValueKind("<value>", PropertyChecks.Text, "a note"),
                "a text, true or false, an integer, or an unsigned integer") { Required = true, Change = ChangeTime.AtOnce },
        ],
        config => [.. config.Attr.Select(a => Values(("name", a.Name), ("type", a.Type), ("value", a.Value)))],
        (config, list) => config with { Attr = [.. list.Select(v => new AttrResource(v["name"], v["type"], v["value"]))] });

    public static ResourceType CappedMemory { get; } = ResourceType.Of(
        "capped-memory",
        "The most memory that the zone gets. The zone's own programs are killed when the zone wants more.",
        new("physical", ValueKind.Size(MinMemoryBytes, MaxMemoryBytes), "memory of the zone, its page cache included")
        {
            Differs = "the page cache counts, and a zone that wants more loses a process",
            Change = ChangeTime.Live,
        },
        new("swap", ValueKind.Size(0, MaxMemoryBytes), "disk space of the host's swap, in addition to physical, which is needed, too")
        {
            Differs = "swap alone, and not memory and swap together; needs physical",
            Change = ChangeTime.Live,
        },
        new("locked", ValueKind.Size(0, MaxMemoryBytes), "memory that one process of the zone may lock (mlock(2))")
        {
            Differs = "of each process; physical bounds all of them together",
        })
        with
    {
        Single = true,
    };

    public static ResourceType CappedCpu { get; } = ResourceType.Of(
        "capped-cpu",
        "The most CPU time that the zone gets, also when CPUs are idle.",
        new Property(
            "ncpus",
            new ValueKind("<number>[.<digits>]", CpusFault, "0.5", "2")
            {
                Normalize = v => CpuNumber(v)!.Value.ToString("0.##", Invariant),
            },
            "number of CPUs, also a part of one, with at most two digits behind the point")
        {
            Required = true,
            Change = ChangeTime.Live,
        }) with
    {
        Single = true,
    };

    public static ResourceType DedicatedCpu { get; } = ResourceType.Of(
        "dedicated-cpu",
        "CPUs that no other zone runs on while the zone is up. The global zone keeps at least one CPU of the host.",
        new("ncpus", new ValueKind("<number>[-<number>]", CpuNumbersFault, "1", "2-4"), "number of CPUs, or the least and the most")
        {
            Differs = "the global zone's own programs may run on these CPUs, too",
            Change = ChangeTime.Live,
        },
        new("cpus", new ValueKind("<list>", CpuListFault, "1", "2-3,8"), "these CPUs, in place of a number")
        {
            Change = ChangeTime.Live,
        },
        new("importance", new ValueKind("<number>", _ => null, "1"), "can't be set")
        {
            Refusal = "zones do not take CPUs from each other while they run",
        }) with
    {
        Single = true,
    };

    /// <summary>Smallest memory of a zone, bytes: an init with few services starts in it.</summary>
    public const long MinMemoryBytes = 16L << 20;

    /// <summary>Largest memory of a zone, bytes.</summary>
    public const long MaxMemoryBytes = 1L << 50;

    public static IReadOnlyList<ResourceType> All { get; } =
        [RootImage, Net, Attr, CappedMemory, CappedCpu, DedicatedCpu, RctlResources.Type];

    /// <summary>True when some property of that name takes a list as its value.</summary>
    public static bool TakesLists(string property) =>
        All.SelectMany(t => t.Properties).Concat(GlobalProperties.All).Any(p => p.Name == property && p.Kind.TakesLists);

    /// <summary>The resources of other systems that no zone can have here.</summary>
    public static IReadOnlyList<ResourceType> Refused => RefusedProperties.Resources;

    /// <summary>The type of that name, also one that is always refused; null when there is none.</summary>
    public static ResourceType? Known(string name) => All.Concat(Refused).FirstOrDefault(t => t.Name == name);

    /// <exception cref="LofizoneException">There is no such resource.</exception>
    public static ResourceType Find(string name) => Known(name)
        ?? throw new LofizoneException($"{SafeText.Text(name)}: no such resource type", "'help properties' lists the resource types");

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

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <summary>A number of CPUs with at most two digits behind the point, 0.01 to 4096; null for another text.</summary>
    public static decimal? CpuNumber(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, Invariant, out decimal cpus) && cpus * 100 == decimal.Truncate(cpus * 100)
        && cpus is >= 0.01m and <= 4096
            ? cpus
            : null;

    private static string? CpusFault(string text) => CpuNumber(text) is null
        ? $"'{SafeText.Text(text)}' is no number of CPUs: write 0.01 to 4096, with at most two digits behind the point"
        : null;

    private static string? CpuNumbersFault(string text) => CpuRequest.Numbers(text) is null
        ? $"'{SafeText.Text(text)}' is no number of CPUs: write 2, or 2-4 for the least and the most, up to {CpuRequest.MaxCpus}"
        : null;

    private static string? CpuListFault(string text) => CpuList.Parse(text) is null
        ? $"'{SafeText.Text(text)}' is no list of CPUs: write for example 2-3,8"
        : null;

    private static string? CheckSize(string text) =>
        ByteSize.TryParse(text) is not { } bytes ? $"'{SafeText.Text(text)}' is no size: write {ByteSize.Forms}"
        : bytes > PropertyChecks.MaxImageSizeBytes ? PropertyChecks.ImageSize(bytes)
        : PropertyChecks.ImageSize(ByteSize.WholeSectors(bytes));
}
