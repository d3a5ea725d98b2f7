using Lofizone.Hosts;
using Lofizone.Operations;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>The receiving end of a move: checks the offer, and takes the zone.</summary>
internal sealed class ZoneTakeup(ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneChecks checks, ZoneFinding finding)
{
    public async Task CheckOfferAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        RefuseThisHost(options.Offer!);
        using HostLock held = runner.Lock("move");
        FoundZone found = await finding.FindOfferedAsync(share, options with { NoExecute = true }, cancellation);
        checks.RequireSound(found.Record.Config);
        await new ZoneAttach(host, found.Record, found.Before, options, reporter).CheckAsync(cancellation);
    }

    public async Task<ZoneArrival> TakeAsync(ShareUri share, ZoneGift gift, AttachOptions options, CancellationToken cancellation)
    {
        RefuseThisHost(options.Offer!);
        using HostLock held = runner.Lock("move");
        FoundZone found = await finding.FindOfferedAsync(share, options, cancellation);
        if ((await DetachedZone.ReadAsync(host, share, name, cancellation)).At != gift.At)
            throw new LofizoneException(
                $"{name}: {share.Below(name)} is a copy of the zone, not the one that was given away",
                "name the share that holds the zone itself: --share URI");
        return await TakeFoundAsync(found, options, options.Offer!.Running, cancellation);
    }

    public async Task<ZoneArrival> TakeFoundAsync(FoundZone found, AttachOptions options, bool boot, CancellationToken cancellation)
    {
        checks.RequireSound(found.Record.Config);
        await new ZoneAttach(host, found.Record, found.Before, options, reporter).CheckAsync(cancellation);
        (found, HostLock? range) = finding.TakeRange(found);
        using HostLock? held = range;
        ZoneTake take = new(host, found.Record, found.Before, options, reporter, range);
        Operation operation = boot
            ? await runner.RunAsync(ZoneOperation.Take, take, ZoneRunner.BootPatience, cancellation)
            : await runner.RunAsync(ZoneOperation.Attach, take.Attach, ZoneRunner.BootPatience, cancellation);
        double booted = operation.Seconds(take.BootSteps);
        ZoneArrival arrival = new(operation.Seconds(operation.Took.Keys) - booted, booted);
        if (boot)
            await TidyAsync(take.Attach.Tidy(), cancellation);
        return arrival;
    }

    /// <summary>
    /// Removes the note of the detach. A failure does not stop a running zone: other hosts ignore the note of a zone that has a home.
    /// </summary>
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

    /// <summary>Refuses an offer of this host itself. The check comes before the zone's lock, which the offering command holds.</summary>
    private void RefuseThisHost(ZoneOffer offer)
    {
        if (offer.HostId == HostIdentity.Id(host.Paths))
            throw new LofizoneException($"{name}: is on this very host ({Environment.MachineName})", "name another host");
    }
}
