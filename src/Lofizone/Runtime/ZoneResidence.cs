using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// The cgroups of one boot of a zone. The zone and its supervisor are in cgroups side by side: a limit of the zone must not apply to the
/// supervisor, and a cgroup that passes controllers on may hold no process itself (cgroups(7), "no internal processes").
/// </summary>
/// <param name="Scope">The scope that holds both; null on a host without systemd.</param>
/// <param name="Zone">The zone's cgroup below each hierarchy's root.</param>
/// <param name="Supervisor">The cgroup of conmon, and of the process that takes down a zone which has ended by itself.</param>
internal sealed record ZoneResidence(SystemdScope? Scope, string Zone, string Supervisor)
{
    /// <summary>Chooses the cgroups for the next boot of a zone.</summary>
    public static ZoneResidence New(HostPaths host, string zone) => In(SystemdScope.OfZone(host, zone), host, zone);

    public static ZoneResidence In(SystemdScope? scope, HostPaths host, string zone) => scope is null
        ? new ZoneResidence(null, $"{host.Cgroup}/{zone}", OwnCgroup.OfSupervisor(host, zone).Path)
        : new ZoneResidence(scope, scope.Cgroup + "/zone", scope.Cgroup + "/supervisor");
}
