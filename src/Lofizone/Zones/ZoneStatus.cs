namespace Lofizone.Zones;

/// <summary>A zone as a listing shows it.</summary>
/// <param name="Record">What the host keeps of it.</param>
/// <param name="Run">Its runtime state while it is up.</param>
/// <param name="State">Its state now, checked against the kernel's processes.</param>
public sealed record ZoneStatus(ZoneRecord Record, ZoneRun? Run, ZoneState State)
{
    public string Name => Record.Config.Name;

    /// <summary>Zone ID; null unless it is up.</summary>
    public int? Id => State.IsUp() ? Run?.Id : null;
}
