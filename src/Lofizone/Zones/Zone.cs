using Lofizone.Boot;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Install.Update;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// The operations on one zone. Each operation takes the zone's lock, cleans up after a killed command, runs all checks, and then runs its
/// steps.
/// </summary>
public sealed class Zone
{
    private readonly ZoneLifetime _lifetime;
    private readonly ZonePower _power;
    private readonly ZoneSettling _settling;
    private readonly ZoneMigration _migration;
    private readonly ZoneHandover _handover;
    private readonly ZoneTakeup _takeup;
    private readonly ZoneRegistration _registration;

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
        _registration = new ZoneRegistration(host, name, runner, takedown, checks);
        _takeup = new ZoneTakeup(host, name, reporter, runner, checks, finding);
        _handover = new ZoneHandover(host, name, reporter, runner, takedown, checks, _power, _takeup);
    }

    public string Name { get; }

    /// <summary>Checks that the zone can be installed and booted here, with the checks of install and boot. Throws all findings.</summary>
    public Task VerifyAsync(CancellationToken cancellation) => _lifetime.VerifyAsync(cancellation);

    /// <summary>Configures and installs a zone that does not exist, and boots the zone if requested.</summary>
    public Task CreateAsync(ZoneConfig config, bool boot, CancellationToken cancellation) =>
        _lifetime.CreateAsync(config, boot, cancellation);

    /// <summary>Installs the zone: configured -> installed. An interrupted install (state incomplete) is undone first.</summary>
    public Task InstallAsync(CancellationToken cancellation) => _lifetime.InstallAsync(cancellation);

    /// <summary>Removes the zone's root for good: installed or incomplete -> configured.</summary>
    public Task UninstallAsync(CancellationToken cancellation) => _lifetime.UninstallAsync(cancellation);

    /// <summary>Removes the zone: its root, its files on the share, its configuration.</summary>
    public Task DeleteAsync(CancellationToken cancellation) => _lifetime.DeleteAsync(cancellation);

    /// <summary>
    /// Removes only the configuration, for a zone whose share or file system is gone for good. The rest of the zone's root stays.
    /// </summary>
    public Task ForgetAsync(CancellationToken cancellation) => _lifetime.ForgetAsync(cancellation);

    /// <summary>Boots the zone: installed -> running.</summary>
    public Task BootAsync(CancellationToken cancellation) => _power.BootAsync(BootArguments.None, cancellation);

    /// <summary>Boots the zone: installed or ready -> running.</summary>
    /// <param name="arguments">Arguments of this boot.</param>
    /// <param name="cancellation">Stops the command. Its finished steps are undone.</param>
    public Task BootAsync(BootArguments arguments, CancellationToken cancellation) => _power.BootAsync(arguments, cancellation);

    /// <summary>Makes the zone ready: installed -> ready. Its root is mounted, its container is made, and no process of it runs.</summary>
    public Task ReadyAsync(CancellationToken cancellation) => _power.ReadyAsync(cancellation);

    /// <summary>Halts the zone: running -> installed. Cleans up a zone that is down.</summary>
    /// <param name="mode">How the zone is halted.</param>
    /// <param name="cancellation">Stops the command. The next command does the remaining work.</param>
    public Task HaltAsync(HaltMode mode, CancellationToken cancellation) => _power.HaltAsync(mode, cancellation);

    /// <summary>
    /// Halts the zone because the host stops. A device that waits for its server or for room is given up, at once or after a while, because
    /// no process would remain to store the data later.
    /// </summary>
    public Task StopAsync(CancellationToken cancellation) => _power.StopAsync(cancellation);

    /// <summary>Halts and boots.</summary>
    /// <param name="mode">How the zone is halted.</param>
    /// <param name="arguments">Arguments of the boot.</param>
    /// <param name="cancellation">Stops the command. The next command does the remaining work.</param>
    public Task RebootAsync(HaltMode mode, BootArguments arguments, CancellationToken cancellation) =>
        _power.RebootAsync(mode, arguments, cancellation);

    /// <summary>Gives the zone another name: its directory on the share, its record on this host, its logs.</summary>
    public Task RenameAsync(string to, CancellationToken cancellation) => _registration.RenameAsync(to, cancellation);

    /// <summary>Gives a zone that is not up another zonepath.</summary>
    public Task MovePathAsync(string zonePath, CancellationToken cancellation) => _registration.MovePathAsync(zonePath, cancellation);

    /// <summary>Marks an installed zone incomplete.</summary>
    public Task MarkIncompleteAsync(CancellationToken cancellation) => _registration.MarkIncompleteAsync(cancellation);

    /// <summary>Takes the zone down after its init ended by itself, and boots the zone again if its init asked for a reboot.</summary>
    public Task SettleAsync(CancellationToken cancellation) => _settling.SettleAsync(cancellation);

    /// <summary>
    /// Takes the zone down after its image was lost to another host, so that the administrator has nothing to do by hand. Notes the new
    /// owner. Ends the zone's processes, which can't work any more and must not seem to. Removes their remains. After a failure the next
    /// command does the same.
    /// </summary>
    public Task StopFencedAsync(CancellationToken cancellation) => _settling.StopFencedAsync(cancellation);

    /// <summary>Detaches the zone: installed -> configured. The zone then has no home, and its files stay on the share.</summary>
    /// <param name="noExecute">Change nothing, and return the manifest that is known without a look into the image.</param>
    /// <param name="force">Do not look into the image, which may be damaged.</param>
    /// <param name="cancellation">Stops the command. Its finished steps are undone.</param>
    /// <returns>The manifest's bytes with <paramref name="noExecute"/>, otherwise null.</returns>
    public Task<byte[]?> DetachAsync(bool noExecute, bool force, CancellationToken cancellation) =>
        _migration.DetachAsync(noExecute, force, cancellation);

    /// <summary>Attaches a zone whose root exists, with this host's configuration of the zone: configured -> installed.</summary>
    public Task AttachAsync(AttachOptions options, CancellationToken cancellation) => _migration.AttachAsync(options, cancellation);

    /// <summary>Checks whether a zone with the packages of a manifest (detach -n) could be attached here. Asks no share.</summary>
    /// <param name="json">The manifest.</param>
    /// <param name="origin">Name of the manifest, for messages.</param>
    /// <param name="update">The packages that an attach would update.</param>
    /// <param name="cancellation">Ends the check.</param>
    public Task CheckManifestAsync(ReadOnlyMemory<byte> json, string origin, UpdateKind update, CancellationToken cancellation) =>
        _migration.CheckManifestAsync(json, origin, update, cancellation);

    /// <summary>Attaches the zone of that name on a share, with the configuration on the share. The zone may be new to this host.</summary>
    public Task AttachFromAsync(ShareUri share, AttachOptions options, CancellationToken cancellation) =>
        _migration.AttachFromAsync(share, options, cancellation);

    /// <summary>
    /// Takes the zone from a host that is believed dead, and boots the zone. The server's lock decides: an owner that is in touch with the
    /// server keeps the zone, unless the owner's claim is ended on purpose. The share may be null when this host has the zone's
    /// configuration.
    /// </summary>
    public Task TakeOverAsync(ShareUri? share, TakeoverOptions options, CancellationToken cancellation) =>
        _migration.TakeOverAsync(share, options, cancellation);

    /// <summary>Takes the lock that a move holds from the offer to the end of the move.</summary>
    public HostLock LockForMove() => _handover.LockForMove();

    /// <summary>
    /// Runs all checks that can keep this host from giving the zone away, and describes the zone for the other host. The caller holds <see
    /// cref="LockForMove"/>.
    /// </summary>
    /// <exception cref="LofizoneException">The zone can't be given away, now or from this host.</exception>
    public Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation) => _handover.OfferAsync(noExecute, cancellation);

    /// <summary>Gives the zone away after <see cref="OfferAsync"/>, under the same lock. A zone that is up is halted first.</summary>
    /// <param name="to">The receiving host, for messages after an interruption.</param>
    /// <param name="offer">The result of <see cref="OfferAsync"/>.</param>
    /// <param name="cancellation">Stops the gift. <see cref="TakeBackAsync"/> is the way back.</param>
    public Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation) =>
        _handover.GiveAsync(to, offer, cancellation);

    /// <summary>
    /// Takes the zone back after a <see cref="GiveAsync"/> that failed, or when the other host could not take the zone. The zone runs again
    /// if it ran before.
    /// </summary>
    /// <exception cref="LofizoneException">Another host has the zone.</exception>
    public Task TakeBackAsync(bool boot, CancellationToken cancellation) => _handover.TakeBackAsync(boot, cancellation);

    /// <summary>Ends the move, because the other host has the zone.</summary>
    public void EndMove() => _handover.EndMove();

    /// <summary>Checks whether this host can take the zone of the offer in the options. Changes nothing.</summary>
    public Task CheckOfferAsync(ShareUri share, AttachOptions options, CancellationToken cancellation) =>
        _takeup.CheckOfferAsync(share, options, cancellation);

    /// <summary>
    /// Takes a zone that was given away, from the share as this host reaches the share, and boots the zone if it ran before.
    /// </summary>
    public Task<ZoneArrival> TakeAsync(ShareUri share, ZoneGift gift, AttachOptions options, CancellationToken cancellation) =>
        _takeup.TakeAsync(share, gift, options, cancellation);
}
