using Lofizone.Config;
using Lofizone.Images;
using Lofizone.Install;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Gives an installed zone away. The detach looks into the zone under its lock, leaves notes for the next host on the share
/// (<see cref="DetachedZone"/>), and releases the zone. Afterwards the zone is <c>configured</c> on this host, as on Solaris. The zone's
/// files are not touched.
/// </summary>
internal sealed class ZoneDetach(ZoneHost host, ZoneRecord record)
{
    private readonly ZoneConfig _config = record.Config;
    private readonly ZoneMount _mount = new(host, record.Config);
    private readonly ZoneHomes _homes = new(host, record.Config);
    private DetachedZone? _detached;

    /// <summary>
    /// The steps of <c>-F</c>, which do not look inside, for an image that can't be mounted any more. The notes of the install stay on the
    /// share.
    /// </summary>
    public IReadOnlyList<Step> ForcedSteps() => [Release(), Configured()];

    /// <summary>Time at which the zone was given away, as noted on the share; null before that.</summary>
    public DateTimeOffset? At => _detached?.At;

    public IReadOnlyList<Step> Steps() =>
    [
        ReadySteps.Ready(host, _config),
        new("device", "attach the image as a lofi device", async c => await _mount.AttachAsync(c), _mount.UndoAttachAsync),
        new("fsck", "check the file system", _mount.CheckAsync),
        new("mount", "mount it at the zonepath", _mount.MountAtZonePathAsync, _mount.UndoMountAsync),
        ListPackages(),
        new("umount", "unmount the zonepath", c => _mount.UnmountZonePathAsync(force: false, c)),
        new("let-go", "flush and detach the image", c => _mount.DetachAsync(force: false, c)),
        .. GiveAwaySteps(),
        ReadySteps.Forget(host, _config),
    ];

    /// <summary>The step that runs while the root is mounted at the zonepath.</summary>
    public Step ListPackages() => new("look", "list the zone's packages", ListPackagesAsync);

    /// <summary>The steps behind <see cref="ListPackages"/>, when the image is free.</summary>
    public Step[] GiveAwaySteps() => [new("manifest", "leave the zone's manifest on the share", WriteAsync), Release(), Configured()];

    private Step Release() => new("release", "note on the share that the zone is no host's", _homes.ReleaseAsync, _homes.WriteAsync);

    private Step Configured() => new("configured", "mark the zone configured", Step.Now(() =>
        host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow(), Lost = null })));

    private async Task ListPackagesAsync(CancellationToken cancellation)
    {
        Manifest manifest = await host.BrandOf(_config).DescribeAsync(ZonePaths.Root(_config), _config.Name, cancellation);
        string device = _mount.Device!.LoopDevice;
        IReadOnlyList<string> features = ExtSuperblock.Read(device)?.UnusualFeatures ?? [];
        _detached = new DetachedZone(
            DetachedZone.CurrentVersion, Environment.MachineName, host.Time.GetUtcNow(), [.. features.Select(f => new ForeignText(f))],
            manifest);
    }

    private Task WriteAsync(CancellationToken cancellation) =>
        new ZoneShare(host, _config).WriteAsync(DetachedZone.FileName, _detached!.Serialize(), cancellation);
}
