using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Install;
using Lofizone.Install.Trees;
using Lofizone.Interop;
using Lofizone.Logs;
using Lofizone.Operations;
using Lofizone.Programs;

namespace Lofizone.Zones;

/// <summary>
/// Installs a zone: makes the image on the share and the file system in the image, and has the brand fill the root. The zone is
/// <c>incomplete</c> from the first change to the end. A failure undoes everything. After a kill, install or uninstall can undo the rest.
/// </summary>
internal sealed class ZoneInstall(ZoneHost host, ZoneRecord record, IReporter reporter)
{
    private readonly ZoneConfig _config = record.Config;
    private readonly ZoneMount _mount = new(host, record.Config);
    private readonly ZoneShare? _share = record.Config.RootImage is null ? null : new ZoneShare(host, record.Config);
    private Manifest? _manifest;
    private bool _rootMade;
    private bool _filling;

    private string Name => _config.Name;

    /// <summary>Runs all checks that can fail before anything is changed.</summary>
    public async Task CheckAsync(CancellationToken cancellation) =>
        await Findings.RequireNoneAsync(await ChecksAsync(cancellation), cancellation);

    /// <summary>The only list of an install's needs; <c>zone verify</c> uses the list, too.</summary>
    public async Task<IReadOnlyList<Func<CancellationToken, Task>>> ChecksAsync(CancellationToken cancellation)
    {
        InstallEstimate estimate = await Brand.EstimateAsync(cancellation);
        Func<CancellationToken, Task> place = Step.Now(() => ZonePathCheck.RequirePlace(Name, ZonePaths.ZonePath(_config), host.Paths));
        return _config.RootImage is not { } image
            ? [place, Step.Now(RequireEmptyRoot)]
            :
            [
                place,
                Step.Now(() => MissingProgram.Require(host.Programs, ImageFileSystem.ProgramsToMake(image.FsType))),
                Step.Now(() => RequireSize(image.Size, estimate.MinimumImageBytes)),
                Step.Now(_mount.RequireZonePathFree),
                c => RequireShareAsync(estimate.Bytes, c),
            ];
    }

    private void RequireEmptyRoot()
    {
        ZonePathCheck.RequireMounted(Name, ZonePaths.ZonePath(_config));
        if (new DirectoryInfo(ZonePaths.Root(_config)).LinkTarget is not null)
            throw new LofizoneException(
                $"{Name}: {ZonePaths.Root(_config)} is a symbolic link", "remove it: the zone's root is a directory of that file system");
        if (Directory.Exists(ZonePaths.Root(_config)) && Directory.EnumerateFileSystemEntries(ZonePaths.Root(_config)).Any())
            throw new LofizoneException(
                $"{Name}: {ZonePaths.Root(_config)} is not empty", "make a new file system there (newfs), or remove what is in it");
    }

    [EffectOf("rootimage: size", "rootimage: fstype")]
    private void RequireSize(long bytes, long needed)
    {
        if (bytes < needed)
            throw new LofizoneException(
                $"{Name}: an image of {SizeText.Format(bytes)} is too small: brand {_config.Brand} needs {SizeText.Format(needed)}",
                $"choose a larger size, for example {SizeText.Format(RoundUp(needed))}");
    }

    /// <summary>
    /// All questions to the share in one check, because a share that can't be reached would otherwise be reported several times.
    /// </summary>
    private async Task RequireShareAsync(long bytes, CancellationToken cancellation)
    {
        await _share!.RequireFreeAsync(cancellation);
        if (record.State == ZoneState.Configured)
            await _share.RefuseExistingImageAsync(cancellation);
        await _share.RequireSpaceAsync(bytes, cancellation);
    }

    public IReadOnlyList<Step> Steps()
    {
        List<Step> steps =
        [
            new("incomplete", "mark the zone incomplete", Mark(ZoneState.Incomplete), Mark(ZoneState.Configured))
            {
                KeepUnlessAllUndone = true,
            },
        ];
        if (_share is not null)
        {
            steps.Add(new("claim", $"make {Name} on the share", _share.ClaimAsync, _share.UnclaimAsync));
            steps.Add(new("image", "make the image", _share.MakeImageAsync, _share.RemoveImageAsync));
            steps.Add(new("attach", "attach the image as a lofi device", async c => await _mount.AttachAsync(c), _mount.DiscardAsync));
            steps.Add(new("newfs", "make a file system", c => _mount.MakeFileSystemAsync(reporter, c)));
            steps.Add(new("mount", "mount it at the zonepath", _mount.MountAtZonePathAsync, _mount.UndoMountAsync));
        }

        steps.Add(new("copy", $"fill the root ({_config.Brand})", FillAsync, c => Task.Run(() => RemoveRoot(c), c)));
        steps.Add(new("manifest", "write the manifest", WriteManifestAsync, RemoveManifestAsync));
        if (_share is not null)
        {
            steps.Add(new("home", "note on the share that the zone is this host's", new ZoneHomes(host, _config).WriteAsync));
            steps.Add(new("unmount", "unmount the zonepath", c => _mount.UnmountZonePathAsync(force: false, c)));
            steps.Add(new("detach", "flush and detach the image", c => _mount.DetachAsync(force: false, c)));
        }

        steps.Add(new("installed", "mark the zone installed", Mark(ZoneState.Installed)));
        return steps;
    }

    private IBrand Brand => host.BrandOf(_config);

    private static long RoundUp(long bytes) => (bytes + (64 << 20) - 1) / (64 << 20) * (64 << 20);

    /// <summary>Marks the zone. An installed zone is not being created any more.</summary>
    private Func<CancellationToken, Task> Mark(ZoneState state) =>
        Step.Now(() => host.Index.Save(record with { State = state, Creating = record.Creating && state != ZoneState.Installed }));

    private async Task FillAsync(CancellationToken cancellation)
    {
        string root = ZonePaths.Root(_config);
        string log = ZonePaths.InstallLog(host.Paths, Name);
        _rootMade = !Directory.Exists(root);
        Directory.CreateDirectory(root);
        // All users of the zone walk through the root, so the mode must not depend on this process's umask.
        File.SetUnixFileMode(root, (UnixFileMode)0b111_101_101);
        _filling = true;
        await using HostLogWriter text = HostLog.Fresh(log, host.Time);
        _manifest = await Brand.InstallAsync(root, Name, record.UidBase, reporter, text, cancellation);
        reporter.Line($"The file <{log}> contains a log of the zone installation.");
    }

    private void RemoveRoot(CancellationToken cancellation)
    {
        // With an image the whole file system is removed. A file system of the administrator keeps everything except this program's files.
        string root = ZonePaths.Root(_config);
        if (_share is not null || !_filling || !Directory.Exists(root))
            return;
        using (DirectoryHandle handle = DirectoryHandle.Open(root))
            DirectoryTree.Empty(handle, cancellation);
        if (_rootMade)
            Directory.Delete(root);
    }

    private async Task WriteManifestAsync(CancellationToken cancellation)
    {
        byte[] manifest = ManifestFile.Serialize(_manifest!);
        if (_share is not null)
            await _share.WriteAsync(ManifestFile.Name, manifest, cancellation);
        else
            HostFile.Write(Path.Combine(ZonePaths.ZonePath(_config), ManifestFile.Name), manifest);
    }

    private async Task RemoveManifestAsync(CancellationToken cancellation)
    {
        if (_share is not null)
            await _share.RemoveAsync(ManifestFile.Name, cancellation);
        else
            HostFile.Delete(Path.Combine(ZonePaths.ZonePath(_config), ManifestFile.Name));
    }
}
