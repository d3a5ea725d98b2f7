using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Network;

namespace Lofizone.Accounting;

/// <summary>
/// The network traffic of a zone. The host's end of a veth pair counts what the zone sends and receives, and the zone can't change that
/// end. A macvlan has no end on the host: there the kernel's list of the zone's interfaces is read, and an interface that the zone's root
/// has renamed has no figures.
/// </summary>
internal static class ZoneTraffic
{
    private const string Interfaces = "/sys/class/net";

    /// <summary>Traffic of all interfaces of the zone together; null without an interface.</summary>
    /// <param name="host">The host.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="nets">The interfaces that the zone was booted with.</param>
    /// <param name="init">Process ID of the zone's init.</param>
    public static InterfaceCounters? Of(HostPaths host, string zone, IReadOnlyList<NetResource> nets, int init)
    {
        InterfaceCounters? sum = null;
        string? inside = null;
        for (int i = 0; i < Math.Min(nets.Count, ZoneNetwork.InterfaceLimit); i++)
        {
            InterfaceCounters? one = InterfaceCounters.Read($"{Interfaces}/{ZoneNetwork.HostInterface(host, zone, i)}") is { } outside
                ? new InterfaceCounters(outside.Sent, outside.Received)
                : init > 0
                    ? InterfaceCounters.Find(inside ??= KernelText.Read($"/proc/{init}/net/dev") ?? "", ZoneNetwork.ZoneInterface(i))
                    : null;
            if (one is not null)
                sum = new InterfaceCounters((sum?.Received ?? 0) + one.Received, (sum?.Sent ?? 0) + one.Sent);
        }

        return sum;
    }
}
