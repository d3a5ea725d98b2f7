using System.Text;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Operations;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// The two ends of a move. The host that has the zone offers it, gives it, and takes it back if the other one could not have it; the other
/// one checks the offer and takes the zone. What decides is on the share: the image's lock and <c>home.json</c>.
/// </summary>
public sealed partial class Zone
{
    /// <summary>
    /// How long a zone that was given away and is not wanted back may still be held by a host that undoes its attempt, seconds.
    /// </summary>
    private const int TakeBackLimitSeconds = 30;

    private static readonly TimeSpan _takeBackInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Held by a move from the offer to its end.</summary>
    public HostLock LockForMove() => LockExisting("move");

    /// <summary>
    /// Under <see cref="LockForMove"/>: everything that can be known to keep this host from giving the zone away, and what the other one
    /// must know.
    /// </summary>
    /// <param name="noExecute">Change nothing.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="LofizoneException">The zone can't be given away, now or from this host.</exception>
    public async Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation)
    {
        ZoneStatus status = noExecute ? host.Status(host.Require(name)) : await RepairAsync(cancellation);
        ZoneRecord record = status.Record;
        RequireImage(record.Config);
        ZoneOffer offer = new()
        {
            Host = Environment.MachineName,
            HostId = HostIdentity.Id(host.Paths),
            Config = Encoding.UTF8.GetString(ZoneConfigJson.Write(record.Config)),
            Running = status.State == ZoneState.Running || record.Moving is { Boot: true },
        };
        if (await IsGivenAsync(record, cancellation))
        {
            reporter.Line($"{name}: an earlier move was interrupted; it goes on");
            return offer;
        }

        if (status.State is not (ZoneState.Running or ZoneState.Installed))
            throw new LofizoneException(
                $"{name}: must be installed or running to be moved (it is {status.State.Text()})",
                $"'zone list --share {record.Config.RootImage?.Storage}' shows where it is");
        if (await ElsewhereAsync(record, cancellation) is { } elsewhere)
            throw elsewhere;
        await new ZoneShare(host, record.Config).CheckConfigAsync(cancellation);
        if (status.State == ZoneState.Installed)
        {
            new ZoneMount(host, record.Config).RequireNotAttachedByHand();
            return offer;
        }

        if (status.Run is not { } run || ZoneConfigJson.Digest(run.Config) != ZoneConfigJson.Digest(record.Config))
            throw new LofizoneException($"{name}: its configuration was changed since it was booted", $"zone reboot {name}, then move it");
        await RequireAnsweringAsync(status, "it can't be moved until then", cancellation);
        return offer with
        {
            Manifest = await ZoneWork.Brand(host, record.Config).DescribeAsync(ZonePaths.Root(record.Config), name, cancellation),
        };
    }

    /// <summary>After <see cref="OfferAsync"/>, under the same lock: halts the zone if it is up, and gives it away.</summary>
    /// <param name="to">The host that gets it, for messages after an interruption.</param>
    /// <param name="offer">What was offered.</param>
    /// <param name="cancellation">Stops it; the way back is <see cref="TakeBackAsync"/>.</param>
    public async Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation)
    {
        ZoneStatus status = host.Status(host.Require(name));
        ZoneRecord record = status.Record with { Moving = new ZoneMoving(to, offer.Running) };
        if (await IsGivenAsync(record, cancellation))
        {
            host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = record.DetachedAt ?? host.Time.GetUtcNow() });
            return new ZoneGift((await ReadDetachedAsync(ZonePaths.Share(record.Config.RootImage!), cancellation)).At);
        }

        ZoneGive give = new(host, record, status.State.IsUp() ? status.Run : null, reporter);
        Operation operation = await RunAsync(ZoneOperation.Give, give, _haltPatience, cancellation);
        double shutdown = Seconds(operation, [ZoneHalt.ShutdownStep]), halt = Seconds(operation, give.HaltSteps);
        return new ZoneGift(give.At!.Value, shutdown, halt, Seconds(operation, operation.Took.Keys) - shutdown - halt);
    }

    /// <summary>
    /// After a <see cref="GiveAsync"/> that failed, or whose zone the other host could not have: the zone is here again, and runs if it
    /// did.
    /// </summary>
    /// <exception cref="LofizoneException">Another host has it.</exception>
    public async Task TakeBackAsync(bool boot, CancellationToken cancellation)
    {
        long start = host.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await TakeBackOnceAsync(boot, cancellation);
                return;
            }
            catch (LofizoneException error) when (
                OwnedElsewhere.Is(error) && host.Time.GetElapsedTime(start).TotalSeconds < TakeBackLimitSeconds)
            {
                // The other host may be undoing what it had begun, when the connection to it broke.
                reporter.Progress(
                    $"{name}: wait until the other host lets go of it", (long)host.Time.GetElapsedTime(start).TotalSeconds,
                    TakeBackLimitSeconds);
            }

            await Task.Delay(_takeBackInterval, host.Time, cancellation);
        }
    }

    /// <summary>The other host has the zone: the move is over.</summary>
    public void EndMove() => host.Index.Save(host.Require(name) with { Moving = null });

    /// <summary>Whether this host could have the zone that another one offers. Changes nothing.</summary>
    /// <param name="share">The share as this host reaches it.</param>
    /// <param name="options">How; with the offer in it.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task CheckOfferAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        RefuseThisHost(options.Offer!);
        using HostLock held = Lock("move");
        FoundZone found = await FindOfferedAsync(share, options with { NoExecute = true }, cancellation);
        RequireSound(found.Record.Config);
        await new ZoneAttach(host, found.Record, found.Before, options, reporter).CheckAsync(cancellation);
    }

    /// <summary>Takes the zone that was given away, and boots it if it ran.</summary>
    /// <param name="share">The share as this host reaches it.</param>
    /// <param name="gift">What the host that gave it away left.</param>
    /// <param name="options">How; with the offer in it.</param>
    /// <param name="cancellation">Stops it; what was done is undone, and the zone is nobody's again.</param>
    public async Task<ZoneArrival> TakeAsync(ShareUri share, ZoneGift gift, AttachOptions options, CancellationToken cancellation)
    {
        RefuseThisHost(options.Offer!);
        using HostLock held = Lock("move");
        FoundZone found = await FindOfferedAsync(share, options, cancellation);
        if ((await ReadDetachedAsync(share, cancellation)).At != gift.At)
            throw new LofizoneException(
                $"{name}: {share.Below(name)} is a copy of the zone, not the one that was given away",
                "name the share that holds the zone itself: --share URI");
        return await TakeFoundAsync(found, options, options.Offer!.Running, cancellation);
    }

    private async Task<ZoneArrival> TakeFoundAsync(FoundZone found, AttachOptions options, bool boot, CancellationToken cancellation)
    {
        RequireSound(found.Record.Config);
        await new ZoneAttach(host, found.Record, found.Before, options, reporter).CheckAsync(cancellation);
        (found, HostLock? range) = TakeRange(found);
        using HostLock? held = range;
        ZoneTake take = new(host, found.Record, found.Before, options, reporter, range);
        Operation operation = boot
            ? await RunAsync(ZoneOperation.Take, take, _bootPatience, cancellation)
            : await RunAsync(ZoneOperation.Attach, take.Attach, _bootPatience, cancellation);
        double booted = Seconds(operation, take.BootSteps);
        ZoneArrival arrival = new(Seconds(operation, operation.Took.Keys) - booted, booted);
        if (boot)
            await TidyAsync(take.Attach.Tidy(), cancellation);
        return arrival;
    }

    /// <summary>Not worth a running zone: whoever finds the file passes it over, since the zone has a home.</summary>
    private async Task TidyAsync(Step tidy, CancellationToken cancellation)
    {
        try
        {
            await tidy.Do(cancellation);
        }
        catch (LofizoneException error)
        {
            reporter.Line($"{name}: {DetachedZone.FileName} stays on the share: {error.Message}");
        }
    }

    private async Task TakeBackOnceAsync(bool boot, CancellationToken cancellation)
    {
        ZoneStatus status = await RepairAsync(cancellation);
        if (status.State.IsUp())
        {
            EndMove();
            return;
        }

        (ZoneHome? home, bool detached) = await new ZoneHomes(host, status.Record.Config).ReadAsync(cancellation);
        if (home is not null && !home.IsThisHost(host.Paths))
            throw new ZoneHomes(host, status.Record.Config).Elsewhere(home);
        if (status.State == ZoneState.Installed && (home is not null || !detached))
        {
            EndMove();
            if (boot)
                await BootLockedAsync(cancellation);
            return;
        }

        // It was good enough to run here before: its packages are no question now.
        await TakeFoundAsync(new FoundZone(status.Record, status.Record), new AttachOptions { AnyPackages = true }, boot, cancellation);
    }

    /// <summary>Before the zone's lock, which the one who offers it holds.</summary>
    private void RefuseThisHost(ZoneOffer offer)
    {
        if (offer.HostId == HostIdentity.Id(host.Paths))
            throw new LofizoneException($"{name}: is on this very host ({Environment.MachineName})", "name another host");
    }

    /// <summary>The offered zone on the share as this host reaches it, with the configuration that the other host vouches for.</summary>
    private async Task<FoundZone> FindOfferedAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
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

    /// <summary>True for a zone that this host has given away by a move that did not end, and that nobody has taken.</summary>
    private async Task<bool> IsGivenAsync(ZoneRecord record, CancellationToken cancellation)
    {
        if (record.Moving is null)
            return false;
        (ZoneHome? home, bool detached) = await new ZoneHomes(host, record.Config).ReadAsync(cancellation);
        return home is null && detached;
    }

    private async Task<DetachedZone> ReadDetachedAsync(ShareUri shareUri, CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(shareUri, cancellation);
        string path = ZonePaths.OnShare(name, DetachedZone.FileName);
        byte[] json = await share.ReadFileAsync(path, DetachedZone.LimitBytes, cancellation)
            ?? throw new LofizoneException(
                $"{shareUri.Below(path)}: is missing, so this is not the zone that was given away",
                "see that the URI leads both hosts to one share; or name the one that this host is to use: --share URI");
        return DetachedZone.Parse(json, shareUri.Below(path).ToString());
    }

    private static double Seconds(Operation operation, IEnumerable<string> steps) =>
        steps.Sum(s => operation.Took.TryGetValue(s, out TimeSpan took) ? took.TotalSeconds : 0);

    /// <summary>A zone on a share as this host is going to have it, and had it before.</summary>
    private sealed record FoundZone(ZoneRecord Record, ZoneRecord? Before);
}
