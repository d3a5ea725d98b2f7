using System.Globalization;

namespace Lofizone.Config;

/// <summary>The semantic checks of zonecfg's <c>verify</c>.</summary>
public static class ZoneConfigVerifier
{
    /// <summary>Largest number of resources of one type in a zone.</summary>
    public const int MaxResources = 256;

    /// <summary>
    /// All faults of a configuration, one sentence each in zonecfg's wording ("zonepath: required property missing"). Empty for a sound
    /// configuration.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="brands">
    /// Brands of this system. Null accepts every well-formed brand, for reading a newer version's configuration.
    /// </param>
    public static IReadOnlyList<string> Verify(ZoneConfig config, IReadOnlyCollection<string>? brands)
    {
        List<string> problems = [];
        Add(problems, "zonename", ZoneName.Problem(config.Name));
        if (config.ZonePath is null)
            problems.Add(Missing("zonepath"));
        VerifyRest(problems, config, brands);
        return problems;
    }

    /// <summary>
    /// All faults of a configuration that belongs to no host. Such a configuration names no zonepath, because each host chooses its own.
    /// </summary>
    public static IReadOnlyList<string> VerifyShared(ZoneConfig config)
    {
        List<string> problems = [];
        Add(problems, "zonename", ZoneName.Problem(config.Name));
        VerifyRest(problems, config, brands: null);
        return problems;
    }

    private static void VerifyRest(List<string> problems, ZoneConfig config, IReadOnlyCollection<string>? brands)
    {
        if (config.ZonePath is { } zonePath)
            Add(problems, "zonepath", PropertyChecks.ZonePath(zonePath));
        Add(problems, "brand", PropertyChecks.Brand(config.Brand, brands));
        if (config.RootImage is { } image)
            VerifyRootImage(problems, image);
        VerifyNets(problems, config.Net);
        VerifyAttrs(problems, config.Attr);
        problems.AddRange(RegistryVerifier.Problems(config));
    }

    /// <summary>The message about a missing property.</summary>
    internal static string Missing(string property) => $"{property}: required property missing";

    private static void VerifyRootImage(List<string> problems, RootImage image)
    {
        Add(problems, "rootimage: storage", PropertyChecks.Storage(image.Storage));
        Add(problems, "rootimage: size", PropertyChecks.ImageSize(image.Size));
        Add(problems, "rootimage: fstype", PropertyChecks.FsType(image.FsType));
        if (image.MaxIops is { } iops)
            Add(problems, "rootimage: max-iops", ResourceTypes.MaxIops.Fault(iops.ToString(CultureInfo.InvariantCulture)));
        if (image.MaxBandwidth is { } most)
            Add(problems, "rootimage: max-bandwidth", ResourceTypes.MaxBandwidth.Fault(ByteSize.Format(most)));
    }

    private static void VerifyNets(List<string> problems, IReadOnlyList<NetResource> nets)
    {
        if (TooMany(problems, "net", nets.Count))
            return;
        HashSet<System.Net.IPAddress> seen = [];
        foreach (NetResource net in nets)
        {
            problems.AddRange(Problems(net));
            if (net.Address is not null && InterfaceAddress.Parse(net.Address).Address is { } address && !seen.Add(address.Address))
                problems.Add($"{Where(net)}: address: {address.Address} belongs to another net resource of this zone already");
        }
    }

    /// <summary>The faults of one interface, independent of the zone's other interfaces.</summary>
    public static IReadOnlyList<string> Problems(NetResource net)
    {
        List<string> problems = [];
        Add(problems, $"{Where(net)}: physical", PropertyChecks.Physical(net.Physical));
        (InterfaceAddress? address, string? problem) = net.Address is null ? (null, null) : InterfaceAddress.Parse(net.Address);
        Add(problems, $"{Where(net)}: address", problem);
        if (net.DefRouter is { } router)
            Add(problems, $"{Where(net)}: defrouter", RouterProblem(net, address, router));
        return problems;
    }

    private static string Where(NetResource net) => $"net physical={SafeText.Text(net.Physical)}";

    private static string? RouterProblem(NetResource net, InterfaceAddress? address, string router)
    {
        if (PropertyChecks.DefRouter(router) is { } problem)
            return problem;
        if (net.Address is null)
            return "a default router needs an address on the same net resource";
        return address is null ? null : PropertyChecks.RouterOf(address, InterfaceAddress.ParseHost(router)!);
    }

    private static void VerifyAttrs(List<string> problems, IReadOnlyList<AttrResource> attrs)
    {
        if (TooMany(problems, "attr", attrs.Count))
            return;
        HashSet<string> seen = [];
        foreach (AttrResource attr in attrs)
        {
            string where = $"attr name={SafeText.Text(attr.Name)}";
            Add(problems, $"{where}: name", PropertyChecks.AttrName(attr.Name));
            if (!seen.Add(attr.Name))
                problems.Add($"{where}: name: another attr resource has it already");
            if (PropertyChecks.AttrType(attr.Type) is { } problem)
                Add(problems, $"{where}: type", problem);
            else
                Add(problems, $"{where}: value", PropertyChecks.AttrValue(attr.Type, attr.Value));
        }
    }

    private static bool TooMany(List<string> problems, string resource, int count)
    {
        if (count <= MaxResources)
            return false;
        problems.Add($"{resource}: {count} resources, at most {MaxResources} are allowed");
        return true;
    }

    private static void Add(List<string> problems, string what, string? problem)
    {
        if (problem is not null)
            problems.Add($"{what}: {problem}");
    }
}
