using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// The operations on one zone. Each takes the zone's lock, tidies up after a command that was killed, checks all that can be
/// known to fail, and then runs its steps.
/// </summary>
public sealed class Zone
{
    private readonly ZoneLifetime _lifetime;
    private readonly ZonePower _power;
    private readonly ZoneSettling _settling;
    private readonly ZoneMigration _migration;
    private readonly ZoneHandover _handover;
    private readonly ZoneTakeup _takeup;

    public Zone(ZoneHost host, string name, IReporter reporter)
    {
        Name = name;
        ZoneRunner runner = new(host, name, reporter);
        ZoneChecks checks = new(host, name);
        ZoneTakedown takedown = new(host, name, reporter, runner);
        ZoneFinding finding = new(host, name, reporter, takedown, checks);
        _power = new ZonePower(host, name, reporter, runner, takedown, checks);
        _lifetime = new ZoneLifetime(host, name, reporter, runner, takedown, checks, _power);
        _settling = new ZoneSettling(host, name, reporter, runner, takedown, checks, _power);
        _migration = new ZoneMigration(host, name, reporter, runner, takedown, checks, _power, finding);
        _takeup = new ZoneTakeup(host, name, reporter, runner, checks, finding);
        _handover = new ZoneHandover(host, name, reporter, runner, takedown, checks, _power, _takeup);
    }

    public string Name { get; }

    /// <summary>
    /// Checks that the zone can be installed and booted here, by the lists that install and boot go through; throws all that is wrong.
    /// </summary>
    public Task VerifyAsync(CancellationToken cancellation) => _lifetime.VerifyAsync(cancellation);

    /// <summary>Configures and installs a zone that does not exist, and boots it if asked to.</summary>
    public Task CreateAsync(ZoneConfig config, bool boot, CancellationToken cancellation) =>
        _lifetime.CreateAsync(config, boot, cancellation);

    /// <summary>configured -> installed. An interrupted install (incomplete) is undone first.</summary>
    public Task InstallAsync(CancellationToken cancellation) => _lifetime.InstallAsync(cancellation);

    /// <summary>installed or incomplete -> configured: the root is gone for good.</summary>
    public Task UninstallAsync(CancellationToken cancellation) => _lifetime.UninstallAsync(cancellation);

    /// <summary>Removes the zone: its root, its files on the share, its configuration.</summary>
    public Task DeleteAsync(CancellationToken cancellation) => _lifetime.DeleteAsync(cancellation);

    /// <summary>
    /// Removes the configuration only: for a zone whose share or file system is gone for good. What there is of its root stays.
    /// </summary>
    public Task ForgetAsync(CancellationToken cancellation) => _lifetime.ForgetAsync(cancellation);

    /// <summary>installed -> running.</summary>
    public Task BootAsync(CancellationToken cancellation) => _power.BootAsync(cancellation);

    /// <summary>running -> installed; tidies up a zone that is down.</summary>
    /// <param name="force">Kill at once instead of shutting down, and unmount without waiting for a dead server.</param>
    /// <param name="cancellation">Stops the command; what is left is done by the next one.</param>
    public Task HaltAsync(bool force, CancellationToken cancellation) => _power.HaltAsync(force, cancellation);

    /// <summary>
    /// Halts the zone because the host stops: a device that waits for its server or for room is given up, at once or when it has waited for
    /// a while, since nobody would be there to take up what comes later.
    /// </summary>
    public Task StopAsync(CancellationToken cancellation) => _power.StopAsync(cancellation);

    /// <summary>Halts and boots.</summary>
    public Task RebootAsync(CancellationToken cancellation) => _power.RebootAsync(cancellation);

    /// <summary>After the zone's init ended by itself: takes the zone down, and boots it again when that is what it asked for.</summary>
    public Task SettleAsync(CancellationToken cancellation) => _settling.SettleAsync(cancellation);

    /// <summary>
    /// After the zone's image was lost to another host: notes who took it, ends the zone's processes, which can't work any more and must
    /// not go on as if they could, and takes down what they leave, so that nothing needs doing by hand. Should that fail, the next command
    /// does it.
    /// </summary>
    public Task StopFencedAsync(CancellationToken cancellation) => _settling.StopFencedAsync(cancellation);

    /// <summary>installed -> configured: the zone is no host's any more, its files stay on the share.</summary>
    /// <param name="noExecute">Change nothing; return the manifest that is known without looking inside.</param>
    /// <param name="force">Without looking into the image, which may be damaged.</param>
    /// <param name="cancellation">Stops the command; what was done is undone.</param>
    /// <returns>With <paramref name="noExecute"/> the manifest's bytes, otherwise null.</returns>
    public Task<byte[]?> DetachAsync(bool noExecute, bool force, CancellationToken cancellation) =>
        _migration.DetachAsync(noExecute, force, cancellation);

    /// <summary>configured -> installed, for a zone whose root exists: with the configuration that this host has of it.</summary>
    public Task AttachAsync(AttachOptions options, CancellationToken cancellation) => _migration.AttachAsync(options, cancellation);

    /// <summary>
    /// Takes the zone of that name on a share, with the configuration that lies there; this host need not have seen it before.
    /// </summary>
    public Task AttachFromAsync(ShareUri share, AttachOptions options, CancellationToken cancellation) =>
        _migration.AttachFromAsync(share, options, cancellation);

    /// <summary>
    /// Takes the zone from a host that is believed dead, and boots it. The server's lock decides: while the owner is in touch with the
    /// server it keeps the zone, unless its claim is ended on purpose. The share may be null when this host has the
    /// zone's configuration.
    /// </summary>
    public Task TakeOverAsync(ShareUri? share, TakeoverOptions options, CancellationToken cancellation) =>
        _migration.TakeOverAsync(share, options, cancellation);

    /// <summary>Held by a move from the offer to its end.</summary>
    public HostLock LockForMove() => _handover.LockForMove();

    /// <summary>
    /// Under <see cref="LockForMove"/>: everything that can be known to keep this host from giving the zone away, and what the other one
    /// must know.
    /// </summary>
    /// <exception cref="LofizoneException">The zone can't be given away, now or from this host.</exception>
    public Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation) => _handover.OfferAsync(noExecute, cancellation);

    /// <summary>After <see cref="OfferAsync"/>, under the same lock: halts the zone if it is up, and gives it away.</summary>
    /// <param name="to">The host that gets it, for messages after an interruption.</param>
    /// <param name="offer">What was offered.</param>
    /// <param name="cancellation">Stops it; the way back is <see cref="TakeBackAsync"/>.</param>
    public Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation) =>
        _handover.GiveAsync(to, offer, cancellation);

    /// <summary>
    /// After a <see cref="GiveAsync"/> that failed, or whose zone the other host could not have: the zone is here again, and runs if it
    /// did.
    /// </summary>
    /// <exception cref="LofizoneException">Another host has it.</exception>
    public Task TakeBackAsync(bool boot, CancellationToken cancellation) => _handover.TakeBackAsync(boot, cancellation);

    /// <summary>The other host has the zone: the move is over.</summary>
    public void EndMove() => _handover.EndMove();

    /// <summary>Whether this host could have the zone that another one offers in the options. Changes nothing.</summary>
    public Task CheckOfferAsync(ShareUri share, AttachOptions options, CancellationToken cancellation) =>
        _takeup.CheckOfferAsync(share, options, cancellation);

    /// <summary>Takes the zone that was given away, from the share as this host reaches it, and boots the zone if it ran.</summary>
    public Task<ZoneArrival> TakeAsync(ShareUri share, ZoneGift gift, AttachOptions options, CancellationToken cancellation) =>
        _takeup.TakeAsync(share, gift, options, cancellation);
}
