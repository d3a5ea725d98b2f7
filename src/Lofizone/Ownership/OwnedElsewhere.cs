using System.Globalization;
using Lofizone.Shares;

namespace Lofizone.Ownership;

/// <summary>
/// The error for a user who can't have an image or a zone because another host has it. The message names the host, the time and the remedy.
/// </summary>
public static class OwnedElsewhere
{
    private const string ZoneImage = "root.img";

    /// <summary>Another host or program holds the image's lock.</summary>
    /// <param name="image">The image.</param>
    /// <param name="owner">The image's owner record; null when there is none.</param>
    /// <param name="thisHostId">ID of this host.</param>
    public static LofizoneException Locked(ShareUri image, ImageOwner? owner, string thisHostId)
    {
        string? zone = ZoneOf(image);
        if (owner is null)
        {
            return new LofizoneException(
                $"{image}: locked by another host or program, which has left no record",
                zone is null
                    ? "detach it there (lofiadm -d)"
                    : $"find that host; there: zone halt {zone}; if it is dead, here: zone takeover {image.Split().Directory}",
                new ImageLockedException("no record"));
        }

        bool here = owner.HostId == thisHostId && owner.HeldBy.IsEmpty;
        string who = here ? "another program of this host" : $"host {owner.Holder}";
        string what = zone is null ? image.ToString() : $"zone {zone}: {image}";
        return new LofizoneException(
            $"{what}: locked by {who} (owner since {Time(owner.Since)})",
            here || zone is null ? $"on {owner.Holder}: lofiadm -d {image}" : Advice(zone, owner.Holder, image.Split().Directory),
            new ImageLockedException(who, owner));
    }

    /// <summary>True for an error that <see cref="Locked"/> made: another host has the image now.</summary>
    public static bool Is(LofizoneException error) => error.InnerException is ImageLockedException;

    /// <summary>The owner record that <see cref="Locked"/> got; null for any other error.</summary>
    public static ImageOwner? Owner(LofizoneException error) => (error.InnerException as ImageLockedException)?.Owner;

    /// <summary>
    /// The commands that give a zone to this host, which need not know the zone: one for a living owner, one for a dead owner.
    /// </summary>
    /// <param name="zone">The zone.</param>
    /// <param name="owner">The host that has the zone.</param>
    /// <param name="where">The zone's directory on the share.</param>
    public static string Advice(string zone, ForeignText owner, ShareUri where) =>
        $"on {owner}: zone halt {zone}, and zone detach {zone} to give it away; if {owner} is dead, here: zone takeover {where}";

    /// <summary>The form of all times in these messages.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string? ZoneOf(ShareUri image)
    {
        (ShareUri directory, string name) = image.Split();
        return name == ZoneImage && directory.Path != "/" ? directory.Split().Name : null;
    }
}
