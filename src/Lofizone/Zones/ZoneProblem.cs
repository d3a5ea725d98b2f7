using Lofizone.Ownership;
using Lofizone.Runtime;

namespace Lofizone.Zones;

/// <summary>The problems of a zone itself. <see cref="Measures.EngineProblem"/> has those of its device and server.</summary>
internal static class ZoneProblem
{
    /// <summary>True when the zone runs without conmon, so that no process would notice the zone's end.</summary>
    public static bool HasNoSupervisor(ZoneHost host, ZoneStatus zone) =>
        zone.State == ZoneState.Running && host.Runtime.State(zone.Name) is { Phase: RuntimePhase.Running, ConmonPid: 0 };

    /// <summary>The problem in one line; null when there is none. Reads files and /proc only.</summary>
    public static string? Of(ZoneHost host, ZoneStatus zone)
    {
        if (HasNoSupervisor(host, zone))
            return $"its supervisor (conmon) has ended, and with it the console: zone reboot {zone.Name}";
        if (host.Index.LoadReboots(zone.Name) is not { InRow: > 1 } reboots)
            return null;
        return zone.State switch
        {
            ZoneState.Running when host.Time.GetUtcNow() - (zone.Run?.BootedAt ?? default) < RebootPolicy.Steady => reboots.ToString(),
            ZoneState.Installed when reboots.NextBoot is { } next =>
                $"{reboots}; booted again at {OwnedElsewhere.Time(next)}, or now: zone boot {zone.Name}",
            ZoneState.Installed => $"{reboots}: zone boot {zone.Name}",
            _ => null,
        };
    }
}
