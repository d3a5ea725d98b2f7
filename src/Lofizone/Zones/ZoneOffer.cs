using System.Text;
using Lofizone.Config;
using Lofizone.Install;

namespace Lofizone.Zones;

/// <summary>
/// A host's description of a zone that it is about to give to another host. The other host judges by it whether it can take the zone.
/// </summary>
public sealed record ZoneOffer
{
    private const int TextLimitChars = 256;

    /// <summary>Name of the host that has the zone.</summary>
    public required ForeignText Host { get; init; }

    /// <summary>The host's ID (<see cref="Hosts.HostIdentity"/>).</summary>
    public required ForeignText HostId { get; init; }

    /// <summary>
    /// The configuration that this host accepted, in the form of <see cref="ZoneConfigJson"/>. The configuration on the share must be the
    /// same.
    /// </summary>
    public required string Config { get; init; }

    /// <summary>True when the zone runs, and so must run on the other host.</summary>
    public bool Running { get; init; }

    /// <summary>Packages in a running zone's root; null for a zone at rest, whose list is on the share.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>The configuration, verified.</summary>
    /// <exception cref="LofizoneException">The configuration or another part of the offer makes no sense.</exception>
    internal ZoneConfig Checked(string zone)
    {
        string origin = $"what the other host tells of zone {zone}";
        if (Host.Length > TextLimitChars || HostId.Length > TextLimitChars)
            throw new LofizoneException($"{origin}: its name is too long");
        if (Manifest is not null)
            ManifestFile.Validate(Manifest, origin);
        return ZoneConfigJson.Read(Encoding.UTF8.GetBytes(Config), origin, zone);
    }
}

/// <summary>
/// A zone that was given away. The other host recognizes the zone on the share by this content, and so knows that it has not found a copy
/// of the files.
/// </summary>
/// <param name="At">Time of the gift, as in <c>detached.json</c>.</param>
/// <param name="ShutdownSeconds">Duration of the shutdown by the zone's own init.</param>
/// <param name="HaltSeconds">Duration of the takedown by this host.</param>
/// <param name="DetachSeconds">Duration of the listing of packages and of the detach.</param>
public sealed record ZoneGift(DateTimeOffset At, double ShutdownSeconds = 0, double HaltSeconds = 0, double DetachSeconds = 0);

/// <summary>A zone that has arrived.</summary>
/// <param name="AttachSeconds">Time from the first step to a root that is mounted and compared.</param>
/// <param name="BootSeconds">Time from there to the start of init; 0 for a zone that was not booted.</param>
public sealed record ZoneArrival(double AttachSeconds, double BootSeconds);
