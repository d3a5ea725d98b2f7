using Lofizone.Config;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>A zone in a listing.</summary>
/// <param name="Record">The host's lasting record of the zone.</param>
/// <param name="Run">The zone's runtime state while it is up.</param>
/// <param name="State">The zone's present state, checked against the kernel's processes.</param>
public sealed record ZoneStatus(ZoneRecord Record, ZoneRun? Run, ZoneState State)
{
    public string Name => Record.Config.Name;

    /// <summary>True for a zone that boots when the host boots.</summary>
    [EffectOf("autoboot")]
    public bool BootsWithHost => Record.Config.Autoboot;

    /// <summary>Zone ID; null unless it is up.</summary>
    public int? Id => State.IsUp() ? Run?.Id : null;

    /// <summary>The status in a listing, which shows an installed zone whose share is away as unavailable.</summary>
    public ZoneStatus Listed(AwayShares away) =>
        State == ZoneState.Installed && Record.Config.RootImage is { } image && away.IsNoted(ZonePaths.Share(image))
            ? this with { State = ZoneState.Unavailable }
            : this;
}
