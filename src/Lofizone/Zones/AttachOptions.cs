using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>Options of an attach (zoneadm(8), attach).</summary>
public sealed record AttachOptions
{
    /// <c>-n</c>: change nothing, and report the consequences.
    public bool NoExecute { get; init; }

    /// <c>-F</c>: attach without comparing packages, whichever host the zone belongs to. The image's lock is still needed.
    public bool Force { get; init; }

    /// <summary>Attach without comparing packages, but only a zone that belongs to no host.</summary>
    public bool AnyPackages { get; init; }

    /// <summary>
    /// The offer of the host that has the zone, when the zone comes from that host. Null for a zone that is found on the share.
    /// </summary>
    public ZoneOffer? Offer { get; init; }

    /// <summary>
    /// Options for a zone of a host that is believed dead: the attach ignores the home record and waits for the lock. Null for an ordinary
    /// attach.
    /// </summary>
    public TakeoverOptions? Takeover { get; init; }

    /// <summary><c>-u</c> and <c>-U</c>.</summary>
    public UpdateKind Update { get; init; }

    /// <summary>Zonepath of a zone that is new on this host; null for the zone's present zonepath, or this host's default.</summary>
    public string? ZonePath { get; init; }

    /// <c>--accept</c>: accept everything that the configuration on the share asks of this host.
    public bool Accept { get; init; }
}
