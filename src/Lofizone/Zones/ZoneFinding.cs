using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>Finds the zone of a name on a share, as this host is going to have the zone.</summary>
internal sealed class ZoneFinding(ZoneHost host, string name, IReporter reporter, ZoneTakedown takedown, ZoneChecks checks)
{
    /// <summary>
    /// Under the zone's lock: the zone on a share, as this host is going to have it. A new one's range of IDs is chosen later
    /// (<see cref="TakeRange"/>).
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

    /// <summary>The offered zone on the share as this host reaches it, with the configuration that the other host vouches for.</summary>
    public async Task<FoundZone> FindOfferedAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        ZoneConfig offered = options.Offer!.Checked(name);
        FoundZone found = await FindOnShareAsync(share, options, cancellation);
        if (found.Record.Config.Uuid != offered.Uuid)
            throw new LofizoneException(
                $"{name}: {share.Below(name)} is another zone of that name",
                "see that the URI leads both hosts to one share; or name the one that this host is to use: --share URI");
        if (!SameBut(found.Record.Config, offered))
            throw new LofizoneException(
                $"{name}: its configuration on the share is not the one that {options.Offer.Host} has",
                $"there: 'zonecfg -z {name} commit' writes it to the share again");
        return found;
    }

    /// <summary>
    /// After all checks, before the first step: a new zone's own range of IDs, held back from others until the zone is written down. No
    /// server is asked in between, which may be silent: every other new zone of the host waits for this lock.
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

    /// <summary>A zone that is installed here by this host's index may still be nobody's: a detach was killed near its end.</summary>
    public async Task RequireAttachableAsync(ZoneStatus status, CancellationToken cancellation)
    {
        if (status.State.IsUp())
            throw checks.Up(status, "attached");
        if (status.State == ZoneState.Incomplete)
            throw new LofizoneException(
                $"{name}: an install or uninstall of it was interrupted", $"zone install {name}, or zone delete {name}");
        if (status.State == ZoneState.Installed && await checks.ElsewhereAsync(status.Record, cancellation) is null)
            throw new LofizoneException($"{name}: is installed here already", $"zone boot {name}");
    }

    /// <summary>Equal but for what is each host's own: where the zone is mounted, and by which way the share is reached.</summary>
    public static bool SameBut(ZoneConfig a, ZoneConfig b) =>
        ZoneConfigJson.Digest(a) == ZoneConfigJson.Digest(b with
        {
            Uuid = a.Uuid,
            ZonePath = a.ZonePath,
            RootImage = a.RootImage is null || b.RootImage is null ? b.RootImage : b.RootImage with { Storage = a.RootImage.Storage },
        });
}

/// <summary>A zone on a share as this host is going to have it, and had it before.</summary>
internal sealed record FoundZone(ZoneRecord Record, ZoneRecord? Before);
