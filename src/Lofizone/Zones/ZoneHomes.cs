using Lofizone.Config;
using Lofizone.Engine;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>Reads and writes whose a zone is (<see cref="ZoneHome"/>), beside its image.</summary>
internal sealed class ZoneHomes(ZoneHost host, ZoneConfig config)
{
    private readonly ShareUri? _share = config.RootImage is { } image ? ZonePaths.Share(image) : null;

    private ZoneHome? _before;

    private string Name => config.Name;

    /// <summary>Whose the zone is, and what a detach left of it; both null for one that an older version installed.</summary>
    public async Task<(ZoneHome? Home, bool Detached)> ReadAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        return (await ReadHomeAsync(share, cancellation), await share.StatAsync(At(DetachedZone.FileName), cancellation) is not null);
    }

    /// <summary>
    /// Under the image's lock: writes that the zone is this host's, or finds that it is. True when it was not yet.
    /// </summary>
    /// <param name="attaching">A detached zone may be taken; otherwise only one without any record of its home, which an older version
    /// installed.</param>
    /// <param name="force">Whosever it is.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="LofizoneException">It is another host's, or nobody's.</exception>
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

    /// <summary>Undoes <see cref="ClaimAsync"/> of this object: the zone is again whose it was, or nobody's.</summary>
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

    /// <summary>Writes that the zone is this host's, which has just made it.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        await share.WriteFileAsync(At(ZoneHome.FileName), ZoneHome.OfThisHost(host.Paths, host.Time).Serialize(), cancellation);
    }

    /// <summary>Refuses when the zone is another host's.</summary>
    public async Task RequireNotElsewhereAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        if (await ReadHomeAsync(share, cancellation) is { } home && !home.IsThisHost(host.Paths))
            throw Elsewhere(home);
    }

    /// <summary>The zone is nobody's from now on; another host's record stays.</summary>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(_share!, cancellation);
        if (await ReadHomeAsync(share, cancellation) is { } home && home.IsThisHost(host.Paths))
            await share.RemoveAsync(At(ZoneHome.FileName), cancellation);
    }

    /// <summary>
    /// What <see cref="OwnedElsewhere.Is"/> knows: who tries again for a while need not ask by which record the zone is another host's.
    /// </summary>
    public LofizoneException Elsewhere(ZoneHome home) => new(
        $"zone {Name} is installed on host {home.Host} since {OwnedElsewhere.Time(home.Since)}",
        OwnedElsewhere.Advice(Name, home.Host, _share!.Below(Name)),
        new ImageLockedException(home.Host.ToString()));

    public LofizoneException Detached() => new($"zone {Name} is detached", $"zone attach {Name}");

    /// <param name="share">Where it lies.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="force">One that makes no sense counts as none.</param>
    private async Task<ZoneHome?> ReadHomeAsync(IShare share, CancellationToken cancellation, bool force = false)
    {
        if (await share.ReadFileAsync(At(ZoneHome.FileName), ZoneHome.LimitBytes, cancellation) is not { } json)
            return null;
        try
        {
            return ZoneHome.Parse(json, _share!.Below(At(ZoneHome.FileName)).ToString());
        }
        catch (LofizoneException) when (force)
        {
            return null;
        }
    }

    private string At(string file) => ZonePaths.OnShare(Name, file);
}
