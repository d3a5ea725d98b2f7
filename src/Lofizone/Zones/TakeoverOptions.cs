using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>How a zone is taken over from a host that is believed dead.</summary>
public sealed record TakeoverOptions
{
    /// <summary>End the owner's claim at once instead of waiting for the server to do it when the owner's lease has run out.</summary>
    public bool Now { get; init; }

    /// <summary>
    /// A program and its arguments that make sure of the owner's death, or end its claim on the server, before anything is waited for: a
    /// fence agent, or ssh to the server. It finds the owner's name in <c>LOFIZONE_OWNER</c> and the zone's in <c>LOFIZONE_ZONE</c>.
    /// </summary>
    public IReadOnlyList<string>? Fence { get; init; }

    /// <summary>Boot the zone when it is taken.</summary>
    public bool Boot { get; init; } = true;

    /// <summary>Update its packages, as an attach does.</summary>
    public UpdateKind Update { get; init; }

    /// <summary>Take it whatever its packages are.</summary>
    public bool Force { get; init; }

    /// <summary>Whatever its configuration on the share asks of this host.</summary>
    public bool Accept { get; init; }
}
