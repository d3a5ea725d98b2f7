namespace Lofizone.Tests.Fleet;

/// <summary>
/// Faults, and the decisions after them. Hosts crash and come back, freeze, are cut off from some servers, or answer slowly. Servers
/// restart. After a while an administrator or a cluster believes the host dead, sometimes wrongly, and takes its zones over elsewhere, with
/// or without a fence. Commands move zones meanwhile.
/// </summary>
internal sealed class FleetFaults(FleetRun run)
{
    private const int ThousandParts = 1000;

    /// <summary>Percentage of takeovers that end the old claim at once.</summary>
    private const int FencedOfHundred = 30;

    private readonly FleetSetup _setup = run.Setup;
    private readonly FleetClock _clock = run.Clock;
    private readonly Random _random = run.Random;
    private readonly HashSet<int> _down = [];

    public void Plan()
    {
        int faults = _setup.Hosts * _setup.FaultyPerMille / ThousandParts;
        for (int i = 0; i < faults; i++)
            At(_setup.Lease, Strike);
        int moves = _setup.Zones * _setup.MovedPerMille / ThousandParts;
        for (int i = 0; i < moves; i++)
            At(_setup.Lease, Move);
        for (int i = 0; i < _setup.Servers; i++)
        {
            int server = i;
            if (_random.Next(2) == 0)
                At(_setup.Lease, () => Restart(server));
        }
    }

    /// <summary>Ends all faults.</summary>
    public void Mend()
    {
        foreach (FleetHost host in run.Hosts)
        {
            run.Network.SetSlow(host.Number, slow: false);
            for (int server = 0; server < _setup.Servers; server++)
                run.Network.Mend(host.Number, server);
        }
    }

    private void At(long earliest, Action action) => _clock.After(earliest + _random.NextInt64(_setup.Duration - earliest), action);

    private long UpToLeases(int leases) => _random.NextInt64(_setup.Lease * leases);

    private void Strike()
    {
        FleetHost host = run.Hosts[_random.Next(_setup.Hosts)];
        if (!host.IsUp)
            return;
        switch (_random.Next(5))
        {
            case 0:
                Crash(host);
                break;
            case 1:
                host.Freeze(UpToLeases(4));
                break;
            case 2:
                HashSet<int> cut = [.. Enumerable.Range(0, _setup.Servers).Where(_ => _random.Next(2) == 0)];
                foreach (int server in cut)
                    run.Network.Cut(host.Number, server);
                _clock.After(UpToLeases(4), () => cut.ToList().ForEach(server => run.Network.Mend(host.Number, server)));
                break;
            case 3:
                run.Network.SetSlow(host.Number, slow: true);
                _clock.After(UpToLeases(4), () => run.Network.SetSlow(host.Number, slow: false));
                break;
            default:
                // The host has no fault, but is believed dead.
                break;
        }
        _clock.After(UpToLeases(1), () => TakeOverAll(host));
    }

    private void Crash(FleetHost host)
    {
        FleetZone[] zones = [.. Owned(host).Select(a => a.Zone)];
        host.Crash();
        foreach (FleetAttachment attachment in Owned(host).ToArray())
            attachment.End();
        _clock.After(UpToLeases(5), () =>
        {
            host.Start();
            foreach (FleetZone zone in zones)
                _ = new FleetAttachment(run, host, zone, FleetReason.Boot);
        });
        foreach (FleetZone zone in zones)
            _clock.After(UpToLeases(1), () => TakeOver(zone, host, null));
    }

    private IEnumerable<FleetAttachment> Owned(FleetHost host) => run.Zones.SelectMany(z => z.Attachments).Where(a => a.Host == host);

    private void TakeOverAll(FleetHost host)
    {
        foreach (FleetAttachment attachment in Owned(host).ToArray())
            TakeOver(attachment.Zone, host, attachment);
    }

    private void TakeOver(FleetZone zone, FleetHost from, FleetAttachment? old)
    {
        FleetHost to = run.Hosts[_random.Next(_setup.Hosts)];
        if (to == from || !to.IsUp || to.IsFrozen)
            return;
        if (old is not null && zone.Server.IsUp && _random.Next(100) < FencedOfHundred)
            zone.Server.Expire(old);
        FleetAttachment taker = new(run, to, zone, FleetReason.TakeOver);
        // The command's user gives up when the owner turns out to be alive.
        _clock.After(_setup.Lease * 4, () =>
        {
            if (taker.Phase == FleetPhase.Attaching)
                taker.End();
        });
    }

    private void Move()
    {
        FleetZone zone = run.Zones[_random.Next(_setup.Zones)];
        FleetHost to = run.Hosts[_random.Next(_setup.Hosts)];
        if (zone.Attachments.FirstOrDefault(a => a.Phase == FleetPhase.Running) is not { } owner || owner.Host == to || !to.IsUp)
            return;
        owner.Stop();
        _clock.After(_random.NextInt64(_setup.Lease), () => to.WhenAwake(() => _ = new FleetAttachment(run, to, zone, FleetReason.Move)));
    }

    private void Restart(int server)
    {
        if (!_down.Add(server))
            return;
        run.Servers[server].Crash();
        _clock.After(UpToLeases(2), () =>
        {
            run.Servers[server].Start();
            _down.Remove(server);
        });
    }
}
