using Lofizone.Hosts;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>What became of one zone of an evacuation.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Was">Its state before.</param>
/// <param name="Host">Where it goes, or comes from; null when it goes nowhere.</param>
/// <param name="Failure">Why it did not; null when it did, or would.</param>
public sealed record EvacuationRow(string Zone, string Was, string? Host, LofizoneException? Failure = null);

/// <summary>
/// Moves all installed zones of this host, one after the other, those that run first. Each goes to the target on which the fewest zones run
/// (for a zone at rest: are installed), counted as told at the start and as added since; a target that refuses a zone is passed over for
/// it. A zone that can't be moved stays, and the others go on.
/// </summary>
/// <param name="host">This host.</param>
/// <param name="options">How the targets take zones.</param>
/// <param name="reporter">Progress.</param>
public sealed class Evacuation(ZoneHost host, MoveOptions options, IReporter reporter)
{
    private readonly EvacuationFile _file = new(host.Paths);

    /// <summary>Moves the zones away.</summary>
    /// <param name="zones">The zones of this host; those that are only configured have nothing here that could be moved.</param>
    /// <param name="targets">Connections to the hosts.</param>
    /// <param name="noExecute">Check only; change nothing.</param>
    /// <param name="cancellation">Stops it; the zone under way comes back.</param>
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

    /// <summary>Brings home what was moved away.</summary>
    /// <param name="open">Connects to a host that has zones of this one.</param>
    /// <param name="noExecute">Check only; change nothing.</param>
    /// <param name="cancellation">Stops it; the zone under way goes back.</param>
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
                        .Select(z => new EvacuationRow(z.Zone, "evacuated", Shown.Text(z.To), error)));
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
    /// A zone that is here again is not one to bring back; one whose way back has failed is still looked for on the target.
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
                $"no target can have it: {string.Join("; ", refusals.Select(e => e.Message))}", refusals.Count > 0
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

            // This host's own way to the share, as before the zone went.
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

    /// <summary>What keeps one zone from moving keeps no other from its turn.</summary>
    private static bool IsOfOneZone(Exception error) => error is LofizoneException or IOException or UnauthorizedAccessException;

    private static LofizoneException Told(Exception error) => error as LofizoneException
        ?? new LofizoneException(error.Message, null, error);

    /// <summary>What a target has, and gets.</summary>
    private sealed class Load(SshSession session)
    {
        public SshSession Session => session;

        public int Running { get; set; } = session.Hello.Running;

        public int Installed { get; set; } = session.Hello.Installed;
    }
}
