using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// The way from a zone's image to its zonepath and back: attach, check, mount; unmount, detach. Every action first looks at what exists, so
/// that it can follow a command that was killed at any point.
/// </summary>
internal sealed class ZoneMount(ZoneHost host, ZoneConfig config)
{
    private const UnixFileMode ZonePathMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ImageFileSystem _fileSystems = new(host.Programs);
    private bool _zonePathMade;

    public ShareUri Image => ZonePaths.Image(config.Name, config.RootImage!);

    private string ZonePath => ZonePaths.ZonePath(config);

    /// <summary>The device that holds this zone's image on this host; null when there is none.</summary>
    public LofiDevice? Device => config.RootImage is null ? null : host.Lofi.Find(Image.ToString());

    private LofiDevice? Own => Device is { } device && device.ZoneName == config.Name ? device : null;

    public Task<LofiDevice> AttachAsync(CancellationToken cancellation) =>
        host.Lofi.AttachAsync(Image, new LofiAttachOptions { ZoneName = config.Name }, cancellation);

    /// <summary>Refuses to go on while an administrator has attached the image by hand.</summary>
    public void RequireNotAttachedByHand()
    {
        if (Device is { } device && device.ZoneName != config.Name)
            throw new LofizoneException($"{config.Name}: its image {Image} is attached as {device.Link}", $"lofiadm -d {device.Link}");
    }

    /// <summary>Detaches the device that this zone's commands attached. A device that was attached by hand stays.</summary>
    public async Task DetachAsync(bool force, CancellationToken cancellation)
    {
        if (Own is not { } device)
            return;
        try
        {
            await host.Lofi.DetachAsync(device, new DetachOptions { Force = force }, cancellation);
        }
        catch (LofizoneException) when (MountTable.Read().At(ZonePath) is { } late && IsOurs(late))
        {
            // The child of a killed command makes its mount(2) to the end. Such a mount may come up after the look at the zonepath.
            await UnmountZonePathAsync(force, cancellation);
            await host.Lofi.DetachAsync(device, new DetachOptions { Force = force }, cancellation);
        }
    }

    /// <summary>
    /// Gives up unstored data when the server is dead or the share is full, so that no process waits in the kernel for it. Returns the
    /// reason; null when the device does not wait.
    /// </summary>
    public async Task<DeviceStall?> AbortIfStalledAsync(CancellationToken cancellation) =>
        Own is { } device ? await host.Lofi.AbortIfStalledAsync(device, cancellation) : null;

    /// <summary>The reason why I/O of this zone's device waits now; null when it does not wait.</summary>
    public async Task<DeviceStall?> StallAsync(CancellationToken cancellation) =>
        Own is { } device ? await host.Lofi.StallAsync(device, cancellation) : null;

    /// <summary>Refuses work that would have to store data on a server that does not answer or has no room.</summary>
    /// <param name="otherwise">The alternative to waiting.</param>
    /// <param name="cancellation">Ends the question.</param>
    public async Task RequireAnsweringAsync(string otherwise, CancellationToken cancellation)
    {
        if (Own is { } device && await host.Lofi.StallAsync(device, cancellation) is { } stall)
            throw Refusal(stall, otherwise);
    }

    /// <summary>The error for a root that can't be stored now.</summary>
    public LofizoneException Refusal(DeviceStall stall, string otherwise) => new(
        $"{config.Name}: {stall}, so its root can't be stored and unmounted ({(Own is { } device ? $"{device.Link}, " : "")}{Image})",
        $"{stall.Cure} and run again; {otherwise}");

    /// <summary>
    /// Detaches an image whose content is not needed any more: in order if that works, otherwise without the unstored data.
    /// </summary>
    public async Task DiscardAsync(CancellationToken cancellation)
    {
        try
        {
            await DetachAsync(force: false, cancellation);
        }
        catch (LofizoneException)
        {
            await DetachAsync(force: true, cancellation);
        }
    }

    /// <summary>
    /// Gives the zone's I/O on its image the limits of the configuration. An engine limits its device. Where the kernel carries the blocks,
    /// the zone's cgroup limits the loop device.
    /// </summary>
    /// <exception cref="LofizoneException">The engine does not answer, or this host can't limit the zone's I/O.</exception>
    [EffectOf("rootimage: max-iops", "rootimage: max-bandwidth")]
    public async Task LimitAsync(CancellationToken cancellation)
    {
        if (Own is not { } device)
            return;
        IoLimits limits = new(config.RootImage!.MaxIops ?? 0, config.RootImage.MaxBandwidth ?? 0);
        if (device.Engine is not null)
            await host.Lofi.LimitAsync(device, limits, cancellation);
        else
            host.Runtime.LimitImage(config.Name, device.LoopDevice, limits.Operations, limits.Bytes);
    }

    /// <summary>Refuses limits that this host can't keep.</summary>
    public async Task CheckLimitsAsync(CancellationToken cancellation)
    {
        if (config.RootImage is { IsLimited: true }
            && !(Image.IsNfs && await host.Lofi.TransportAsync(Image, load: false, cancellation) == NfsTransport.User))
            host.Runtime.CheckImageLimits(config.Name);
    }

    /// <summary>
    /// Takes the limits of the zone's I/O away, so that no limit delays the end of the zone's processes or the storing of its data.
    /// </summary>
    public async Task LiftLimitsAsync(CancellationToken cancellation)
    {
        if (config.RootImage is not { IsLimited: true } || Own is not { } device)
            return;
        try
        {
            if (device.Engine is { IsAlive: true })
                await host.Lofi.LimitAsync(device, default, cancellation);
            else if (device.Engine is null)
                host.Runtime.LimitImage(config.Name, device.LoopDevice, 0, 0);
        }
        catch (LofizoneException)
        {
            // An engine that is gone or gets a successor delays nothing. A cgroup that is gone limits nothing.
        }
    }

    public Task MakeFileSystemAsync(IReporter reporter, CancellationToken cancellation) =>
        _fileSystems.MakeAsync(Attached().LoopDevice, config.RootImage!.FsType, reporter, cancellation);

    /// <summary>Repairs the file system after a crash, or refuses to mount it.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        try
        {
            await _fileSystems.CheckAsync(Attached().LoopDevice, config.RootImage!.FsType, cancellation);
        }
        catch (LofizoneException error)
        {
            // The device is gone when the user reads the message, so the advice names the image and the zone.
            throw new LofizoneException(
                $"{config.Name}: its image {Image} can't be used: {error.Message}",
                $"restore the image from a copy; attach it with lofiadm -a {Image} to look into it; or make the zone's root anew: zone "
                + $"uninstall {config.Name}, then zone install {config.Name}",
                error);
        }
    }

    /// <summary>Refuses when the program that <see cref="CheckAsync"/> needs is missing.</summary>
    public void RequireChecker() => _fileSystems.RequireChecker(config.RootImage!.FsType);

    /// <summary>Refuses a zonepath at which the image could not be mounted, before anything is changed.</summary>
    public void RequireZonePathFree()
    {
        RequirePlace();
        if (MountTable.Read().At(ZonePath) is not { } there)
            ZonePathCheck.RequireUsable(config.Name, ZonePath);
        else if (!IsOurs(there))
            throw Occupied(there);
    }

    /// <summary>Mounts the image at the zonepath. A missing zonepath is made; an existing one must be empty.</summary>
    public async Task MountAtZonePathAsync(CancellationToken cancellation)
    {
        LofiDevice device = Attached();
        RequirePlace();
        if (MountTable.Read().At(ZonePath) is { } there)
        {
            if (there.Source == device.LoopDevice)
                return;
            throw Occupied(there);
        }

        _zonePathMade = ZonePathCheck.Prepare(config.Name, ZonePath);
        try
        {
            await ForeignMount.AttachAsync(host.Kernel, device.LoopDevice, ZonePath, config.RootImage!.FsType, cancellation);
        }
        catch (LofizoneException error)
        {
            // The device is gone when the user reads the message, so the advice names the image.
            throw new LofizoneException(
                $"zone {config.Name}: its image {Image} can't be mounted: {error.Message}",
                error.Advice is { } mend ? $"{mend} (lofiadm -a {Image} gives the DEVICE)" : $"zone doctor {Image}",
                error);
        }

        File.SetUnixFileMode(ZonePath, ZonePathMode);
    }

    /// <summary>Undoes an attach: in order, or without waiting for a server that is gone or full.</summary>
    public async Task UndoAttachAsync(CancellationToken cancellation)
    {
        bool lost = await AbortIfStalledAsync(cancellation) is not null || Own is { HasLostStore: true };
        await DetachAsync(lost, cancellation);
    }

    /// <summary>Undoes <see cref="MountAtZonePathAsync"/> of this object, and removes a directory that it made.</summary>
    public async Task UndoMountAsync(CancellationToken cancellation)
    {
        // An unmount stores unstored data, and waits for that in the kernel.
        await AbortIfStalledAsync(cancellation);
        await UnmountZonePathAsync(force: false, cancellation);
        if (_zonePathMade && MountTable.Read().At(ZonePath) is null)
            HostFile.RemoveEmptyDirectory(ZonePath);
    }

    /// <summary>Unmounts the zonepath if the image is mounted there. A mount of the administrator stays.</summary>
    /// <exception cref="LofizoneException">The mount is in use.</exception>
    public async Task UnmountZonePathAsync(bool force, CancellationToken cancellation)
    {
        if (config.RootImage is null || MountTable.Read().At(ZonePath) is not { } there || !IsOurs(there))
            return;
        await LiftLimitsAsync(cancellation);
        if (force)
            await host.Kernel.UnmountAsync(ZonePath, UnmountFlags.Detach | UnmountFlags.NoFollow, cancellation);
        else
            await host.BusyMounts.DetachAsync(ZonePath, $"zone {config.Name}", cancellation);
    }

    /// <summary>
    /// Refuses a system directory once more, at the last moment: an image must never be mounted where the system takes its own files from.
    /// </summary>
    private void RequirePlace() => ZonePathCheck.RequirePlace(config.Name, ZonePath, host.Paths);

    private bool IsOurs(MountEntry there) => Device is { } device && (there.Source == device.LoopDevice || there.Source == device.Link);

    private LofizoneException Occupied(MountEntry there) =>
        new(
            $"{config.Name}: {there.Source} is mounted at the zonepath {ZonePath} already",
            $"umount {ZonePath}, or choose another zonepath with zonecfg");

    private LofiDevice Attached() => Device
        ?? throw new LofizoneException($"{config.Name}: its image {Image} is not attached", $"zone boot {config.Name}");
}
