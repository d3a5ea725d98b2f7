using System.Text;
using Lofizone.Config;
using Lofizone.Install;

namespace Lofizone.Zones;

/// <summary>What a host tells of a zone that it is about to give to another one, which judges by it whether it can have the zone.</summary>
public sealed record ZoneOffer
{
    private const int TextLimitChars = 256;

    /// <summary>Name of the host that has the zone.</summary>
    public required ForeignText Host { get; init; }

    /// <summary>Its ID (<see cref="Hosts.HostIdentity"/>).</summary>
    public required ForeignText HostId { get; init; }

    /// <summary>
    /// The configuration that this host accepted, as <see cref="ZoneConfigJson"/> writes it: what lies on the share must be the same.
    /// </summary>
    public required string Config { get; init; }

    /// <summary>Whether the zone runs, and is to run where it goes.</summary>
    public bool Running { get; init; }

    /// <summary>Packages of a zone that runs, as they are in its root now; null for one at rest, whose list lies on the share.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>The configuration, verified.</summary>
    /// <exception cref="LofizoneException">It is none, or other parts of the offer make no sense.</exception>
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
/// A zone that was given away: whoever finds what is said here on the share has found the zone itself, not a copy of its files.
/// </summary>
/// <param name="At">When, as <c>detached.json</c> says it.</param>
/// <param name="ShutdownSeconds">What the zone's own init took for its shutdown.</param>
/// <param name="HaltSeconds">What this host took to take the zone down.</param>
/// <param name="DetachSeconds">What it took to list its packages and to give it away.</param>
public sealed record ZoneGift(DateTimeOffset At, double ShutdownSeconds = 0, double HaltSeconds = 0, double DetachSeconds = 0);

/// <summary>A zone that has arrived.</summary>
/// <param name="AttachSeconds">From the first step to a root that is mounted and compared.</param>
/// <param name="BootSeconds">From there to its init; 0 for a zone that was not booted.</param>
public sealed record ZoneArrival(double AttachSeconds, double BootSeconds);
