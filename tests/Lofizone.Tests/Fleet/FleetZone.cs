namespace Lofizone.Tests.Fleet;

/// <summary>A zone, its image's server, and whoever has it attached, or believes so.</summary>
internal sealed class FleetZone(int number, FleetServer server, int serverNumber)
{
    public int Number => number;

    public FleetServer Server => server;

    public int ServerNumber => serverNumber;

    /// <summary>Not ended yet; more than one when a former owner has not noticed, or several hosts want it.</summary>
    public List<FleetAttachment> Attachments { get; } = [];
}
