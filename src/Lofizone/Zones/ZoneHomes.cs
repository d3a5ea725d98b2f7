using Lofizone.Config;
using Lofizone.Engine;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>Reads and writes a zone's home record (<see cref="ZoneHome"/>), beside the zone's image.</summary>
internal sealed class ZoneHomes(ZoneHost host, ZoneConfig config)
{
    private readonly ShareUri? _share = config.RootImage is { } image ? ZonePaths.Share(image) : null;

    private ZoneHome? _before;

    private string Name => config.Name;

    private ShareLook HomeLook => new(At(ZoneHome.FileName), ZoneHome.LimitBytes);

    /// <summary>
    /// The zone's home, and whether a detach has left notes. There is neither for a zone that an older version installed.
    /// </summary>
    public async Task<(ZoneHome? Home, bool Detached)> ReadAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        IReadOnlyList<ShareFound> found = await share.LookAsync([HomeLook, new ShareLook(At(DetachedZone.FileName))], cancellation);
        return (Parse(found[0].Content), found[1].Entry is not null);
    }

    /// <summary>The home of a zone that is probably detached, and the notes of the detach, which are not parsed.</summary>
    public async Task<(ZoneHome? Home, ShareFound Notes)> ReadWithNotesAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        ShareLook notes = new(At(DetachedZone.FileName), DetachedZone.LimitBytes);
        IReadOnlyList<ShareFound> found = await share.LookAsync([notes, HomeLook], cancellation);
        return (Parse(found[1].Content), found[0]);
    }

    /// <summary>Claims the zone for this host, under the image's lock. True when the zone was not this host's before.</summary>
    /// <param name="attaching">
    /// True: a detached zone may be taken. False: only a zone without any record of its home may be taken, which an older version
    /// installed.
    /// </param>
    /// <param name="force">Take the zone whatever its home is.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="LofizoneException">The zone has another home, or none.</exception>
    public async Task<bool> ClaimAsync(bool attaching, bool force, CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        ZoneHome? home = await ReadHomeAsync(share, cancellation, force);
        if (home is not null && home.IsThisHost(host.Paths))
            return false;
        if (home is not null && !force)
            throw Elsewhere(home);
        if (!attaching && await share.StatAsync(At(DetachedZone.FileName), cancellation) is not null)
            throw Detached();
        _before = home;
        await share.WriteFileAsync(At(ZoneHome.FileName), ZoneHome.OfThisHost(host.Paths, host.Time).Serialize(), cancellation);
        return true;
    }

    /// <summary>Undoes <see cref="ClaimAsync"/> of this object: the zone has its former home again, or none.</summary>
    public async Task UnclaimAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        if (await ReadHomeAsync(share, cancellation) is not { } home || !home.IsThisHost(host.Paths))
            return;
        if (_before is null)
            await share.RemoveAsync(At(ZoneHome.FileName), cancellation);
        else
            await share.WriteFileAsync(At(ZoneHome.FileName), _before.Serialize(), cancellation);
    }

    /// <summary>Writes the home record for a zone that this host has just made.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        await share.WriteFileAsync(At(ZoneHome.FileName), ZoneHome.OfThisHost(host.Paths, host.Time).Serialize(), cancellation);
    }

    /// <summary>Refuses when the zone's home is another host.</summary>
    public async Task RequireNotElsewhereAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        if (await ReadHomeAsync(share, cancellation) is { } home && !home.IsThisHost(host.Paths))
            throw Elsewhere(home);
    }

    /// <summary>Removes this host's home record, so that the zone has no home. Another host's record stays.</summary>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        if (await ReadHomeAsync(share, cancellation) is { } home && home.IsThisHost(host.Paths))
            await share.RemoveAsync(At(ZoneHome.FileName), cancellation);
    }

    /// <summary>
    /// The error that <see cref="OwnedElsewhere.Is"/> recognizes, so that a caller that retries need not know which record names the other
    /// host.
    /// </summary>
    public LofizoneException Elsewhere(ZoneHome home) => new(
        $"zone {Name} is installed on host {home.Host} since {OwnedElsewhere.Time(home.Since)}",
        OwnedElsewhere.Advice(Name, home.Host, _share!.Below(Name)),
        new ImageLockedException(home.Host.ToString()));

    public LofizoneException Detached() => new($"zone {Name} is detached", $"zone attach {Name}");

    /// <param name="share">The zone's share.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="force">A record that makes no sense counts as none.</param>
    private async Task<ZoneHome?> ReadHomeAsync(IShare share, CancellationToken cancellation, bool force = false)
    {
        byte[]? json = await share.ReadFileAsync(At(ZoneHome.FileName), ZoneHome.LimitBytes, cancellation);
        try
        {
            return Parse(json);
        }
        catch (LofizoneException) when (force)
        {
            return null;
        }
    }

    private ZoneHome? Parse(byte[]? json) => json is null ? null : ZoneHome.Parse(json, _share!.Below(At(ZoneHome.FileName)).ToString());

    private string At(string file) => ZonePaths.OnShare(Name, file);
}
