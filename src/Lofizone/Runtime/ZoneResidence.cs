using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// Where one boot of a zone lives. The zone and its supervisor are in cgroups beside each other: a limit of the zone is none of its
/// supervisor's, and a cgroup that passes controllers on to others may hold no process itself.
/// </summary>
/// <param name="Scope">Holds both; null on a host without systemd.</param>
/// <param name="Zone">The zone's cgroup below each hierarchy's root.</param>
/// <param name="Supervisor">The cgroup of conmon, and of the process that takes down a zone that has ended by itself.</param>
internal sealed record ZoneResidence(SystemdScope? Scope, string Zone, string Supervisor)
{
    /// <summary>For the next boot of a zone.</summary>
    public static ZoneResidence New(HostPaths host, string zone) => In(SystemdScope.OfZone(host, zone), host, zone);

    public static ZoneResidence In(SystemdScope? scope, HostPaths host, string zone) => scope is null
        ? new ZoneResidence(null, $"{host.Cgroup}/{zone}", OwnCgroup.OfSupervisor(host, zone).Path)
        : new ZoneResidence(scope, scope.Cgroup + "/zone", scope.Cgroup + "/supervisor");
}
