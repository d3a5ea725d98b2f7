using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>Finds the zone of a name on a share, and makes this host's record of the zone.</summary>
internal sealed class ZoneFinding(ZoneHost host, string name, IReporter reporter, ZoneTakedown takedown, ZoneChecks checks)
{
    /// <summary>
    /// The zone on a share, with this host's future record of the zone. The caller holds the zone's lock. A new zone's range of IDs is
    /// chosen later (<see cref="TakeRange"/>).
    /// </summary>
    public async Task<FoundZone> FindOnShareAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        ZoneStatus? status = host.Index.Load(name) is null ? null
            : options.NoExecute ? host.Status(host.Require(name))
            : await takedown.RepairAsync(cancellation);
        if (status is not null)
            await RequireAttachableAsync(status, cancellation);
        ZoneConfig there = await ZoneShare.ReadConfigAsync(host, share, name, cancellation);
        if (status?.Record.Config is { } mine && mine.Uuid != there.Uuid)
            throw new LofizoneException(
                $"{name}: this host has another zone of that name ({status.State.Text()})", $"'zone delete {name}' removes it");
        checks.RequireImage(there);
        ZoneConfig config = new ZoneAcceptance(host, name, reporter).Judge(share, there, status?.Record.Config, options);
        return status is null
            ? new FoundZone(host.NewRecord(config), null)
            : new FoundZone(status.Record with { Config = config }, status.Record);
    }

    /// <summary>
    /// The offered zone on the share as this host reaches the share, with the configuration that the other host vouches for.
    /// </summary>
    public async Task<FoundZone> FindOfferedAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        ZoneConfig offered = options.Offer!.Checked(name);
        FoundZone found = await FindOnShareAsync(share, options, cancellation);
        if (found.Record.Config.Uuid != offered.Uuid)
            throw new LofizoneException(
                $"{name}: {share.Below(name)} is another zone of that name",
                "see that the URI leads both hosts to one share; or name the one that this host is to use: --share URI");
        if (!SameButHostParts(found.Record.Config, offered))
            throw new LofizoneException(
                $"{name}: its configuration on the share is not the one that {options.Offer.Host} has",
                $"there: 'zonecfg -z {name} commit' writes it to the share again");
        return found;
    }

    /// <summary>
    /// Gives a new zone a range of IDs of its own, after all checks and before the first step. The lock on the ranges is held until the
    /// zone is written down. No server is asked under the lock, because a silent server would hold up every other new zone of the host.
    /// </summary>
    public (FoundZone Zone, HostLock? Range) TakeRange(FoundZone found)
    {
        if (found.Before is not null)
            return (found, null);
        HostLock range = host.LockRanges();
        try
        {
            host.RefuseSharedZonePath(found.Record.Config);
            return (found with { Record = found.Record with { UidBase = host.NewRecord(found.Record.Config).UidBase } }, range);
        }
        catch
        {
            range.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Refuses a zone that can't be attached. A zone that is installed here by this host's index may still have no home, when a detach was
    /// killed near its end.
    /// </summary>
    public async Task RequireAttachableAsync(ZoneStatus status, CancellationToken cancellation)
    {
        checks.RequireDown(status, "attached");
        if (status.State == ZoneState.Incomplete)
            throw new LofizoneException(
                $"{name}: an install or uninstall of it was interrupted", $"zone install {name}, or zone delete {name}");
        if (status.State == ZoneState.Installed && await checks.ElsewhereAsync(status.Record, cancellation) is null)
            throw new LofizoneException($"{name}: is installed here already", $"zone boot {name}");
    }

    /// <summary>Compares two configurations, except for each host's own parts: the zonepath and the way to the share.</summary>
    public static bool SameButHostParts(ZoneConfig a, ZoneConfig b) =>
        ZoneConfigJson.Digest(a) == ZoneConfigJson.Digest(b with
        {
            Uuid = a.Uuid,
            ZonePath = a.ZonePath,
            RootImage = a.RootImage is null || b.RootImage is null ? b.RootImage : b.RootImage with { Storage = a.RootImage.Storage },
        });
}

/// <summary>A zone on a share, with this host's future and former record of the zone.</summary>
internal sealed record FoundZone(ZoneRecord Record, ZoneRecord? Before);
