using Lofizone.Config;
using Lofizone.Install;
using Lofizone.Interop;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Removes a zone's root, complete or half-made. A file system that the administrator mounted keeps everything but the root.
/// </summary>
internal sealed class ZoneUninstall(ZoneHost host, ZoneRecord record)
{
    private readonly ZoneMount _mount = new(host, record.Config);
    private readonly ZoneShare _share = new(host, record.Config);

    private ZoneConfig Config => record.Config;

    public IReadOnlyList<Step> Steps()
    {
        List<Step> steps =
        [
            new(
                "incomplete", "mark the zone incomplete", Step.Now(() => host.Index.Save(record with { State = ZoneState.Incomplete })),
                Step.Now(Restore)),
        ];
        if (Config.RootImage is null)
        {
            steps.Add(new("remove", "remove the root", c => Task.Run(() => RemoveRoot(c), c)));
        }
        else
        {
            steps.Add(new("unmount", "unmount the zonepath", UnmountAsync));
            steps.Add(new("detach", "detach the image", _mount.DiscardAsync));
            steps.Add(new("remove", "remove the zone's files on the share", _share.RemoveAllAsync));
            steps.Add(new("zonepath", "remove the zonepath", Step.Now(RemoveZonePath)));
        }

        steps.Add(
            new(
                "configured",
                "mark the zone configured",
                Step.Now(() => host.Index.Save(record with { State = ZoneState.Configured, Creating = false }))));
        return steps;
    }

    /// <summary>Restores the zone's state when nothing of the root was removed: another host has the image, or the share is away.</summary>
    private void Restore()
    {
        if (Config.RootImage is not null && !_share.MayHaveRemovedImage)
            host.Index.Save(record);
    }

    /// <summary>Unmounts. The image's content is not needed any more, so the unmount does not wait for a server to store it.</summary>
    private async Task UnmountAsync(CancellationToken cancellation)
    {
        await _mount.AbortIfStalledAsync(cancellation);
        await _mount.UnmountZonePathAsync(force: false, cancellation);
    }

    private void RemoveRoot(CancellationToken cancellation)
    {
        ZonePathCheck.RequireMounted(Config.Name, ZonePaths.ZonePath(Config));
        try
        {
            using DirectoryHandle parent = DirectoryHandle.Open(ZonePaths.ZonePath(Config));
            DirectoryTree.Remove(parent, Path.GetFileName(ZonePaths.Root(Config)), cancellation);
        }
        catch (LinuxException error)
        {
            throw new LofizoneException(
                $"zone {Config.Name}: its root {ZonePaths.Root(Config)} can't be removed: {error.Message}",
                $"see what is mounted in it: findmnt -R {ZonePaths.Root(Config)}", error);
        }

        Hosts.HostFile.Delete(Path.Combine(ZonePaths.ZonePath(Config), ManifestFile.Name));
    }

    private void RemoveZonePath()
    {
        Hosts.HostFile.RemoveEmptyDirectory(ZonePaths.ZonePath(Config));
    }
}
