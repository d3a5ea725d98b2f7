using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>Options of the takeover of a zone from a host that is believed dead.</summary>
public sealed record TakeoverOptions
{
    /// <summary>End the owner's claim at once. Otherwise the server ends the claim when the owner's lease has run out.</summary>
    public bool Now { get; init; }

    /// <summary>
    /// A program with arguments that makes sure of the owner's death, or ends the owner's claim on the server, before any wait: a fence
    /// agent, or ssh to the server. <c>LOFIZONE_OWNER</c> holds the owner's name, and <c>LOFIZONE_ZONE</c> the zone's.
    /// </summary>
    public IReadOnlyList<string>? Fence { get; init; }

    /// <summary>Boot the zone after the takeover.</summary>
    public bool Boot { get; init; } = true;

    /// <summary>Update the zone's packages, as an attach does.</summary>
    public UpdateKind Update { get; init; }

    /// <summary>Take the zone whatever its packages are.</summary>
    public bool Force { get; init; }

    /// <summary>Accept everything that the configuration on the share asks of this host.</summary>
    public bool Accept { get; init; }
}
