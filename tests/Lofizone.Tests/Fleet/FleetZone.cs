namespace Lofizone.Tests.Fleet;

/// <summary>A zone, its image's server, and the attachments that are made, or that a host believes to have.</summary>
internal sealed class FleetZone(int number, FleetServer server, int serverNumber)
{
    public int Number => number;

    public FleetServer Server => server;

    public int ServerNumber => serverNumber;

    /// <summary>
    /// Attachments that have not ended. There are several when a former owner has not noticed its loss, or when several hosts want the
    /// image.
    /// </summary>
    public List<FleetAttachment> Attachments { get; } = [];
}
