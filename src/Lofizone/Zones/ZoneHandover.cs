using System.Text;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Operations;
using Lofizone.Ownership;

namespace Lofizone.Zones;

/// <summary>The giving end of a move: offers the zone, gives the zone away, and takes the zone back.</summary>
internal sealed class ZoneHandover(
    ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks, ZonePower power,
    ZoneTakeup takeup)
{
    /// <summary>Time that this host waits for its zone while the other host undoes the attempt to take the zone, seconds.</summary>
    private const int TakeBackLimitSeconds = 30;

    private static readonly TimeSpan _takeBackInterval = TimeSpan.FromMilliseconds(250);

    public HostLock LockForMove() => runner.LockExisting("move");

    public async Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation)
    {
        ZoneStatus status = noExecute ? host.Status(host.Require(name)) : await takedown.RepairAsync(cancellation);
        ZoneRecord record = status.Record;
        checks.RequireImage(record.Config);
        ZoneOffer offer = new()
        {
            Host = Environment.MachineName,
            HostId = HostIdentity.Id(host.Paths),
            Config = Encoding.UTF8.GetString(ZoneConfigJson.Write(record.Config)),
            Running = status.State == ZoneState.Running || record.Moving is { Boot: true },
        };
        if (await checks.IsGivenAsync(record, cancellation))
        {
            reporter.Line($"{name}: an earlier move was interrupted; it goes on");
            return offer;
        }

        if (status.State is not (ZoneState.Running or ZoneState.Installed))
            throw new LofizoneException(
                $"{name}: must be installed or running to be moved (it is {status.State.Text()})",
                $"'zone list --share {record.Config.RootImage?.Storage}' shows where it is");
        if (await checks.ElsewhereAsync(record, cancellation) is { } elsewhere)
            throw elsewhere;
        await new ZoneShare(host, record.Config).CheckConfigAsync(cancellation);
        if (status.State == ZoneState.Installed)
        {
            new ZoneMount(host, record.Config).RequireNotAttachedByHand();
            return offer;
        }

        if (status.Run is not { } run || ZoneConfigJson.Digest(run.Config) != ZoneConfigJson.Digest(record.Config))
            throw new LofizoneException($"{name}: its configuration was changed since it was booted", $"zone reboot {name}, then move it");
        await takedown.RequireAnsweringAsync(status, "it can't be moved until then", cancellation);
        return offer with
        {
            Manifest = await host.BrandOf(record.Config).DescribeAsync(ZonePaths.Root(record.Config), name, cancellation),
        };
    }

    public async Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation)
    {
        ZoneStatus status = host.Status(host.Require(name));
        ZoneRecord record = status.Record with { Moving = new ZoneMoving(to, offer.Running) };
        if (await checks.IsGivenAsync(record, cancellation))
        {
            host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = record.DetachedAt ?? host.Time.GetUtcNow() });
            return new ZoneGift((await DetachedZone.ReadAsync(host, ZonePaths.Share(record.Config.RootImage!), name, cancellation)).At);
        }

        ZoneGive give = new(host, record, status.State.IsUp() ? status.Run : null, reporter);
        Operation operation = await runner.RunAsync(ZoneOperation.Give, give, ZoneRunner.HaltPatience, cancellation);
        double shutdown = operation.Seconds([ZoneHalt.ShutdownStep]), halt = operation.Seconds(give.HaltSteps);
        return new ZoneGift(give.At!.Value, shutdown, halt, operation.Seconds(operation.Took.Keys) - shutdown - halt);
    }

    public void EndMove() => host.Index.Save(host.Require(name) with { Moving = null });

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
                // The other host may still be undoing its attempt, when the connection to that host broke.
                reporter.Progress(
                    $"{name}: wait until the other host lets go of it", (long)host.Time.GetElapsedTime(start).TotalSeconds,
                    TakeBackLimitSeconds);
            }

            await Task.Delay(_takeBackInterval, host.Time, cancellation);
        }
    }

    private async Task TakeBackOnceAsync(bool boot, CancellationToken cancellation)
    {
        ZoneStatus status = await takedown.RepairAsync(cancellation);
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
                await power.BootLockedAsync(cancellation);
            return;
        }

        // The zone has run on this host with these packages, so the packages are not compared.
        FoundZone found = new(status.Record, status.Record);
        await takeup.TakeFoundAsync(found, new AttachOptions { AnyPackages = true }, boot, cancellation);
    }
}
