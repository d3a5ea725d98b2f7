using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>How a zone is attached (zoneadm(8), attach).</summary>
public sealed record AttachOptions
{
    /// <summary><c>-n</c>: change nothing, say what would happen.</summary>
    public bool NoExecute { get; init; }

    /// <summary>
    /// <c>-F</c>: without looking at packages, and whichever host the zone belongs to. The image's lock is asked for all the same.
    /// </summary>
    public bool Force { get; init; }

    /// <summary>Without looking at packages; but only a zone that is nobody's.</summary>
    public bool AnyPackages { get; init; }

    /// <summary>
    /// What the host that has the zone has told of it, when it is to come from there. Null for a zone that is found on the share.
    /// </summary>
    public ZoneOffer? Offer { get; init; }

    /// <summary>
    /// From a host that is believed dead: its home record is passed over, and its lock waited for. Null for an ordinary attach.
    /// </summary>
    public TakeoverOptions? Takeover { get; init; }

    /// <summary><c>-u</c> and <c>-U</c>.</summary>
    public UpdateKind Update { get; init; }

    /// <summary>Where a zone that is new on this host is to be mounted; null for the zonepath it has, or this host's own.</summary>
    public string? ZonePath { get; init; }

    /// <summary><c>--accept</c>: whatever the zone's configuration on the share asks of this host.</summary>
    public bool Accept { get; init; }
}
