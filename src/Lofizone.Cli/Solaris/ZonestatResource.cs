using Lofizone.Accounting;
using Lofizone.Cli.Output;

namespace Lofizone.Cli.Solaris;

/// <summary>A resource type of zonestat's -r.</summary>
/// <param name="Name">Name in -r and in the output for programs.</param>
/// <param name="Heading">Heading of its block.</param>
/// <param name="SizeHeading">Heading of the machine's amount.</param>
/// <param name="Set">Name of the resource, which -n selects by.</param>
/// <param name="Kind">The figures; null for the summary and the processor sets, which have forms of their own.</param>
/// <param name="Text">Form of an amount.</param>
internal sealed record ZonestatResource(
    string Name, string Heading, string SizeHeading, string Set, IReadOnlyList<Resource>? Kind, Func<double?, bool, string> Text)
{
    private const string Memory = "SYSTEM MEMORY", Limit = "SYSTEM LIMIT", SystemLimit = "system-limit", MemoryDefault = "mem_default";

    public static ZonestatResource Summary { get; } = new("summary", "SUMMARY", "", "", null, UsageNumbers.Size);

    public static ZonestatResource Psets { get; } =
        new("processor-set", "PROCESSOR_SET", "ONLINE/CPUS", ProcessorSet.DefaultName, null, UsageNumbers.Cpus);

    public static ZonestatResource DefaultPset { get; } = Psets with { Name = ProcessorSet.DefaultType };

    public static ZonestatResource Network { get; } =
        new(
            "network", "NETWORK", "SPEED", "physical", [Resource.NetworkReceived, Resource.NetworkSent], UsageNumbers.Size);

    public static ZonestatResource Image { get; } =
        new("image-io", "IMAGE-IO", "", "images", [Resource.ImageRead, Resource.ImageWritten], UsageNumbers.Size);

    /// <summary>All types, in the order of the output.</summary>
    public static IReadOnlyList<ZonestatResource> All { get; } =
    [
        Summary,
        new("physical-memory", "PHYSICAL-MEMORY", Memory, MemoryDefault, [Resource.PhysicalMemory], UsageNumbers.Size),
        new("virtual-memory", "VIRTUAL-MEMORY", Memory, "vm_default", [Resource.VirtualMemory], UsageNumbers.Size),
        new("swap", "SWAP", "SYSTEM SWAP", "swap_default", [Resource.Swap], UsageNumbers.Size),
        new("locked-memory", "LOCKED-MEMORY", Memory, MemoryDefault, [Resource.LockedMemory], UsageNumbers.Size),
        Psets,
        DefaultPset,
        new("processes", "PROCESSES", Limit, SystemLimit, [Resource.Processes], UsageNumbers.Count),
        new("lwps", "LWPS", Limit, SystemLimit, [Resource.Lwps], UsageNumbers.Count),
        Network,
        Image,
    ];

    /// <summary>Other names in -r for several types.</summary>
    private static readonly Dictionary<string, string[]> _groups = new(StringComparer.Ordinal)
    {
        ["memory"] = ["physical-memory", "virtual-memory", "locked-memory"],
        ["psets"] = ["processor-set"],
        ["limits"] = ["processes", "lwps"],
        ["all"] = [.. All.Where(r => r != DefaultPset).Select(r => r.Name)],
    };

    /// <summary>Types of Solaris that no Linux kernel counts for one zone.</summary>
    private static readonly string[] _uncounted = ["shm-memory", "shm-ids", "sem-ids", "msg-ids", "sysv", "lofi"];

    public static IReadOnlyList<string> Names => [.. All.Select(r => r.Name), .. _groups.Keys];

    /// <summary>The types of a list of names, in the order of the output.</summary>
    public static IReadOnlyList<ZonestatResource> Of(IReadOnlyList<string> names)
    {
        string[] wanted = [.. names.SelectMany(n => _groups.GetValueOrDefault(n) ?? [n])];
        // All processor sets include the default one.
        return [.. All.Where(r => wanted.Contains(r.Name) && !(r == DefaultPset && wanted.Contains(Psets.Name)))];
    }

    public static string? Check(string name) => Names.Contains(name) ? null
        : _uncounted.Contains(name) ? $"{name}: Linux does not count it for one zone; what is counted: {string.Join(", ", Names)}"
        : $"'{SafeText.Text(name)}' is no resource; resources are {string.Join(", ", Names)}";
}
