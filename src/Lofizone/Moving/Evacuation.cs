using Lofizone.Hosts;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>The outcome for one zone of an evacuation.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Was">The zone's state before the evacuation.</param>
/// <param name="Host">The host that the zone goes to, or comes from; null when the zone does not move.</param>
/// <param name="Failure">The reason why the zone did not move; null when it did, or would.</param>
public sealed record EvacuationRow(string Zone, string Was, string? Host, LofizoneException? Failure = null);

/// <summary>
/// Moves all installed zones of this host, one after the other, running zones first. Each zone goes to the target with the fewest running
/// zones; a zone at rest goes to the target with the fewest installed zones. The numbers are those that the target told at the start and
/// those added since. A target that refuses a zone is skipped for that zone. A zone that can't be moved stays, and the others go on.
/// </summary>
/// <param name="host">This host.</param>
/// <param name="options">Options for the targets.</param>
/// <param name="reporter">Progress.</param>
public sealed class Evacuation(ZoneHost host, MoveOptions options, IReporter reporter)
{
    private readonly EvacuationFile _file = new(host.Paths);

    /// <summary>Moves the zones away.</summary>
    /// <param name="zones">The zones of this host. Zones that are only configured have nothing here to move.</param>
    /// <param name="targets">Connections to the hosts.</param>
    /// <param name="noExecute">Check only; change nothing.</param>
    /// <param name="cancellation">Stops the evacuation; the zone under way comes back.</param>
    public async Task<IReadOnlyList<EvacuationRow>> RunAsync(
        IEnumerable<ZoneStatus> zones, IReadOnlyList<SshSession> targets, bool noExecute, CancellationToken cancellation)
    {
        List<EvacuationRow> rows = [];
        Load[] loads = [.. targets.Select(t => new Load(t))];
        foreach (ZoneStatus zone in zones.Where(z => z.State != ZoneState.Configured || z.Record.Moving is not null)
            .OrderByDescending(z => z.State == ZoneState.Running).ThenBy(z => z.Name, StringComparer.Ordinal))
        {
            bool running = zone.State == ZoneState.Running;
            rows.Add(await SendAsync(zone, [.. loads.OrderBy(l => running ? l.Running : l.Installed)], noExecute, cancellation));
        }

        return rows;
    }

    /// <summary>Brings home the zones that were moved away.</summary>
    /// <param name="open">Connects to a host that has zones of this one.</param>
    /// <param name="noExecute">Check only; change nothing.</param>
    /// <param name="cancellation">Stops the way home; the zone under way goes back.</param>
    public async Task<IReadOnlyList<EvacuationRow>> BackAsync(
        Func<EvacuatedZone, Task<SshSession>> open, bool noExecute, CancellationToken cancellation)
    {
        List<EvacuationRow> rows = [];
        foreach (IGrouping<(string To, string Program), EvacuatedZone> there in _file.Read().GroupBy(z => (z.To, z.Program)))
        {
            EvacuatedZone[] zones = [.. there];
            try
            {
                await using SshSession session = await open(zones[0]);
                foreach (EvacuatedZone zone in zones)
                    rows.Add(await FetchAsync(session, zone, noExecute, cancellation));
            }
            catch (LofizoneException error)
            {
                rows.AddRange(
                    zones.Where(z => rows.All(r => r.Zone != z.Zone))
                        .Select(z => new EvacuationRow(z.Zone, "evacuated", SafeText.Text(z.To), error)));
            }
        }

        return rows;
    }

    private async Task<EvacuationRow> SendAsync(ZoneStatus zone, Load[] candidates, bool noExecute, CancellationToken cancellation)
    {
        string was = zone.State.Text();
        try
        {
            await using LocalMoveSource source = new(host, zone.Name, reporter);
            (Load load, ZoneMove move, ZoneOffer offer) = await ChooseAsync(zone, source, candidates, noExecute, cancellation);
            if (!noExecute)
            {
                reporter.Line($"{zone.Name}: to {load.Session.Host}");
                _file.Note(
                    new EvacuatedZone(
                        zone.Name, zone.Record.Config.Uuid, load.Session.Destination.Host, load.Session.Destination.Program,
                        host.Time.GetUtcNow()));
                await RunAsync(move, zone.Name, offer, cancellation);
                new KnownHosts(host.Paths).Learn(load.Session.Hello.HostId, load.Session.Hello.Host, load.Session.Destination.Host);
            }

            load.Installed++;
            load.Running += offer.Running ? 1 : 0;
            return new EvacuationRow(zone.Name, was, load.Session.Host);
        }
        catch (Exception error) when (IsOfOneZone(error))
        {
            return new EvacuationRow(zone.Name, was, null, Told(error));
        }
    }

    /// <summary>
    /// Moves a zone home and forgets it. A zone that is here again is not to be brought back. A zone whose way back has failed is still
    /// looked for on the target.
    /// </summary>
    private async Task RunAsync(ZoneMove move, string zone, ZoneOffer offer, CancellationToken cancellation)
    {
        try
        {
            await move.RunAsync(offer, cancellation);
        }
        catch
        {
            if (host.Status(host.Require(zone)).State is ZoneState.Running or ZoneState.Installed)
                _file.Remove(zone);
            throw;
        }
    }

    private async Task<(Load Load, ZoneMove Move, ZoneOffer Offer)> ChooseAsync(
        ZoneStatus zone, LocalMoveSource source, Load[] candidates, bool noExecute, CancellationToken cancellation)
    {
        ZoneOffer offer = await source.OfferAsync(noExecute, cancellation);
        List<LofizoneException> refusals = [];
        foreach (Load load in candidates.Where(l => l.Session.IsOpen))
        {
            try
            {
                RemoteMoveTarget target = new(load.Session, zone.Name, options);
                await target.CheckAsync(offer, cancellation);
                return (load, new ZoneMove(zone.Name, source, target, host.Time, reporter), offer);
            }
            catch (LofizoneException error)
            {
                refusals.Add(error);
            }
        }

        throw refusals is [var only]
            ? only
            : new LofizoneException(
                $"no target can take it: {string.Join("; ", refusals.Select(e => e.Message))}", refusals.Count > 0
                    ? refusals[0].Advice
                    : "no connection to a target is left: see that they are up");
    }

    private async Task<EvacuationRow> FetchAsync(SshSession session, EvacuatedZone zone, bool noExecute, CancellationToken cancellation)
    {
        try
        {
            ZoneStatus here = host.Status(host.Require(zone.Zone));
            if (here.Record.Config.Uuid != zone.Uuid)
                throw new LofizoneException(
                    $"{zone.Zone}: this host has another zone of that name", $"it stays on {session.Host} until one of them is deleted");
            if (here.State != ZoneState.Configured)
            {
                reporter.Line($"{zone.Zone}: is here already ({here.State.Text()})");
                if (!noExecute)
                    _file.Remove(zone.Zone);
                return new EvacuationRow(zone.Zone, here.State.Text(), null);
            }

            // The zone uses this host's own URI of the share, as before the evacuation.
            MoveOptions mine = options with { Share = here.Record.Config.RootImage?.Storage };
            await using RemoteMoveSource source = new(session, zone.Zone);
            ZoneMove move = new(zone.Zone, source, new LocalMoveTarget(host, zone.Zone, mine, reporter), host.Time, reporter);
            ZoneOffer offer = await move.CheckAsync(noExecute, cancellation);
            if (!noExecute)
            {
                reporter.Line($"{zone.Zone}: from {session.Host}");
                await move.RunAsync(offer, cancellation);
                _file.Remove(zone.Zone);
            }

            return new EvacuationRow(zone.Zone, offer.Running ? ZoneState.Running.Text() : ZoneState.Installed.Text(), session.Host);
        }
        catch (Exception error) when (IsOfOneZone(error))
        {
            return new EvacuationRow(zone.Zone, "evacuated", session.Host, Told(error));
        }
    }

    /// <summary>A failure of one zone does not stop the others.</summary>
    private static bool IsOfOneZone(Exception error) => error is LofizoneException or IOException or UnauthorizedAccessException;

    private static LofizoneException Told(Exception error) => error as LofizoneException
        ?? new LofizoneException(error.Message, null, error);

    /// <summary>Number of zones that a target has and gets.</summary>
    private sealed class Load(SshSession session)
    {
        public SshSession Session => session;

        public int Running { get; set; } = session.Hello.Running;

        public int Installed { get; set; } = session.Hello.Installed;
    }
}
