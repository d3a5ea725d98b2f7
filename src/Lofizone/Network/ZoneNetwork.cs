using System.Globalization;
using System.Net;
using Lofizone.Basics;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Network;

/// <summary>
/// Plumbs a zone's interfaces with iproute2: a veth pair for a net resource on a bridge, a macvlan for a net resource on a NIC. The name of
/// the host's end is computed from the zone's name, so that any later process can remove it.
/// </summary>
[EffectOf("net: physical", "net: address", "net: defrouter")]
public sealed class ZoneNetwork(IProgramRunner programs, HostPaths host)
{
    /// <summary>Largest number of interfaces of one zone.</summary>
    public const int InterfaceLimit = 64;

    private const int NameHashBytes = 5;
    private const string Interfaces = "/sys/class/net";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Name of the host's end of a zone's veth pair: at most 15 characters (IFNAMSIZ), the same each time, and unique among zones and
    /// hosts.
    /// </summary>
    public static string HostInterface(HostPaths host, string zone, int index)
    {
        byte[] hash = Digests.Sha256($"{host.Tag}/{zone}");
        return $"z{Convert.ToHexStringLower(hash.AsSpan(0, NameHashBytes))}n{index}";
    }

    /// <summary>Name of the interface in the zone.</summary>
    public static string ZoneInterface(int index) => $"net{index}";

    /// <summary>
    /// Makes and configures all interfaces of a zone whose init is <paramref name="init"/>, but for the loopback interface. The loopback
    /// interface is on since the zone's view was made.
    /// </summary>
    /// <exception cref="LofizoneException">
    /// An interface does not exist on the host, or the kernel refuses an interface for the zone.
    /// </exception>
    public async Task PlumbAsync(string zone, IReadOnlyList<NetResource> nets, int init, CancellationToken cancellation)
    {
        Check(zone, nets);
        await UnplumbAsync(zone, cancellation);
        for (int i = 0; i < nets.Count; i++)
        {
            await MakeAsync(zone, nets[i], i, init, cancellation);
            string name = ZoneInterface(i);
            if (nets[i].Address is { } address)
            {
                string[] noDad = address.Contains(':', StringComparison.Ordinal) ? ["nodad"] : [];
                await InsideAsync(zone, init, ["address", "add", address, .. noDad, "dev", name], cancellation);
            }

            await InsideAsync(zone, init, ["link", "set", name, "up"], cancellation);
        }

        // Routers are set after all addresses, because the router of one interface may be reached through another interface.
        foreach (NetResource net in nets)
        {
            if (net.DefRouter is { } router)
            {
                string family = router.Contains(':', StringComparison.Ordinal) ? "-6" : "-4";
                await InsideAsync(zone, init, [family, "route", "replace", "default", "via", router], cancellation);
            }
        }
    }

    /// <summary>Removes the host's ends. The zone's ends vanish with its network namespace.</summary>
    public async Task UnplumbAsync(string zone, CancellationToken cancellation)
    {
        for (int i = 0; i < InterfaceLimit; i++)
        {
            string name = HostInterface(host, zone, i);
            if (!Exists(name))
                continue;
            ProgramResult result = await programs.RunAsync(Ip("link", "delete", "dev", name), cancellation);
            // A veth also vanishes when the zone's network namespace does.
            if (result.ExitCode != 0 && Exists(name))
                throw new LofizoneException($"zone {zone}: interface {name} can't be removed: {result.Error.Trim()}");
        }
    }

    /// <summary>Refuses net resources that can't be plumbed. Called before anything is changed.</summary>
    /// <exception cref="LofizoneException">A resource can't be plumbed; the message names it and the existing interfaces.</exception>
    public static void Check(string zone, IReadOnlyList<NetResource> nets)
    {
        CheckNumber(zone, nets);
        foreach (NetResource net in nets)
            Check(zone, net);
    }

    /// <summary>Refuses more interfaces than there are names for.</summary>
    public static void CheckNumber(string zone, IReadOnlyList<NetResource> nets)
    {
        if (nets.Count > InterfaceLimit)
            throw new LofizoneException($"zone {zone}: {nets.Count} net resources, at most {InterfaceLimit} are possible");
    }

    /// <summary>Refuses a net resource that can't be plumbed.</summary>
    public static void Check(string zone, NetResource net)
    {
        string physical = net.Physical;
        if (physical.Length is 0 or > 15 || physical.Contains('/', StringComparison.Ordinal) || physical is "." or ".." or "lo"
            || !Exists(physical))
        {
            string[] there =
            [
                .. Directory.EnumerateFileSystemEntries(Interfaces).Select(p => Path.GetFileName(p))
                .Where(n => n != "lo" && Directory.Exists(Path.Combine(Interfaces, n))).Order(StringComparer.Ordinal),
            ];
            throw new LofizoneException(
                $"zone {zone}: net: no interface {physical} in the global zone (there are: {string.Join(' ', there)})",
                $"make a bridge: ip link add {physical} type bridge && ip link set {physical} up; or name another: zonecfg -z {zone}");
        }

        if (net.Address is { } address && !IsAddressWithPrefix(address))
            throw new LofizoneException(
                $"zone {zone}: net {physical}: {address} is no address with prefix length", "write it as 192.0.2.7/24");
        if (net.DefRouter is { } router && !IPAddress.TryParse(router, out _))
            throw new LofizoneException($"zone {zone}: net {physical}: defrouter {router} is no address");
    }

    private static bool IsAddressWithPrefix(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2 && IPAddress.TryParse(parts[0], out IPAddress? address)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
            && prefix <= address.GetAddressBytes().Length * 8;
    }

    private static bool Exists(string name) => Directory.Exists(Path.Combine(Interfaces, name));

    private async Task MakeAsync(string zone, NetResource net, int index, int init, CancellationToken cancellation)
    {
        string pid = init.ToString(CultureInfo.InvariantCulture);
        string inside = ZoneInterface(index);
        if (!Directory.Exists(Path.Combine(Interfaces, net.Physical, "bridge")))
        {
            await CheckedAsync(
                zone, net, Ip("link", "add", "link", net.Physical, "name", inside, "netns", pid, "type", "macvlan", "mode", "bridge"),
                cancellation);
            return;
        }

        string outside = HostInterface(host, zone, index);
        await CheckedAsync(
            zone, net, Ip("link", "add", "name", outside, "type", "veth", "peer", "name", inside, "netns", pid), cancellation);
        await CheckedAsync(zone, net, Ip("link", "set", "dev", outside, "master", net.Physical, "up"), cancellation);
    }

    private async Task CheckedAsync(string zone, NetResource net, ProgramCall call, CancellationToken cancellation)
    {
        ProgramResult result = await programs.RunAsync(call, cancellation);
        if (result.ExitCode != 0)
            throw new LofizoneException($"zone {zone}: net {net.Physical}: {result.Error.Trim()}");
    }

    private async Task InsideAsync(string zone, int init, string[] arguments, CancellationToken cancellation)
    {
        string ip = programs.Find("ip") ?? throw MissingProgram.Error("ip");
        string[] enter = [$"--net=/proc/{init}/ns/net", "--", ip];
        ProgramResult result = await programs.RunAsync(
            new ProgramCall("nsenter", [.. enter, .. arguments]) { TimeLimit = _limit }, cancellation);
        if (result.ExitCode != 0)
            throw new LofizoneException($"zone {zone}: ip {string.Join(' ', arguments)}: {result.Error.Trim()}");
    }

    private static ProgramCall Ip(params string[] arguments) => new("ip", arguments) { TimeLimit = _limit };
}
