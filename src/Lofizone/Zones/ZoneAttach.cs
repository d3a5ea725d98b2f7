using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Install;
using Lofizone.Install.Update;
using Lofizone.Logs;
using Lofizone.Operations;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// Takes a zone that exists on a share: configured -> installed. The zone's packages, as found inside the zone under the image's lock, are
/// compared with this host's, and updated to this host's versions if that was requested. Until the update has ended, the zone's root is the
/// whole old root.
/// </summary>
/// <param name="host">This host.</param>
/// <param name="record">The zone's new record on this host.</param>
/// <param name="before">The zone's former record on this host; null for a new zone.</param>
/// <param name="options">The options of the attach.</param>
/// <param name="reporter">Progress and lists.</param>
internal sealed class ZoneAttach(ZoneHost host, ZoneRecord record, ZoneRecord? before, AttachOptions options, IReporter reporter)
{
    private readonly ZoneConfig _config = record.Config;
    private readonly ZoneMount _mount = new(host, record.Config);
    private readonly ZoneHomes _homes = new(host, record.Config);
    private readonly ZoneShare _share = new(host, record.Config);
    private bool _claimed;
    private bool _exchanged;
    private Manifest? _manifest;
    private bool _needed;

    /// <summary>
    /// Keeps other commands from choosing a range of IDs until this zone's range is written down. The lock is not held longer, because an
    /// attach may take minutes.
    /// </summary>
    public IDisposable? Range { get; init; }

    private string Name => _config.Name;

    private string ZonePath => ZonePaths.ZonePath(_config);

    private bool AnyPackages => options.Force || options.AnyPackages;

    private IBrand Brand => host.BrandOf(_config);

    /// <summary>Runs all checks that can fail before anything is changed.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        _ = Brand;
        new ZoneBoot(host, record).CheckHost();
        host.RefuseSharedZonePath(_config);
        _mount.RequireNotAttachedByHand();
        _mount.RequireZonePathFree();
        _mount.RequireChecker();
        (ZoneHome? home, ShareFound notes) = await _homes.ReadWithNotesAsync(cancellation);
        if (home is not null && !home.IsThisHost(host.Paths) && home.HostId != options.Offer?.HostId && !options.Force
            && options.Takeover is null)
            throw _homes.Elsewhere(home);
        if (!AnyPackages && (options.Offer?.Manifest ?? await ReadManifestAsync(notes, cancellation)) is { } manifest)
            Judge(ManifestComparison.Of(manifest, await Brand.OfferAsync(cancellation)), options.Update);
    }

    /// <c>-n</c>, after <see cref="CheckAsync"/>: checks whether this kernel can mount the image, under the image's lock.
    public async Task TryMountAsync(CancellationToken cancellation)
    {
        LofiDevice device = await _mount.AttachAsync(cancellation);
        await BriefUse.RunAsync(host.Lofi, device, Step.Now(() => TryMount(device)), host.Time, cancellation);
    }

    private void TryMount(LofiDevice device)
    {
        string fsType = _config.RootImage!.FsType;
        HostFile.MakeDirectory(host.Paths.LofiRun);
        if (MountObstacle.Find(device.LoopDevice, fsType) is { } obstacle)
            throw new LofizoneException($"zone {Name}: {obstacle.What}", obstacle.Mend);
        if (TrialMount.Try(device.LoopDevice, fsType, host.Paths.LofiRun) is { } errno)
            throw new LofizoneException(
                $"zone {Name}: {ForeignMount.Explain(device.LoopDevice, errno).Message}", $"zone doctor {device.File}");
    }

    public IReadOnlyList<Step> Steps() =>
    [
        .. TakeSteps(),
        new("umount", "unmount the zonepath", c => _mount.UnmountZonePathAsync(force: false, c)),
        new("let-go", "flush and detach the image", c => _mount.DetachAsync(force: false, c)),
        WriteShare(),
        MarkInstalled(),
        Tidy(),
        ReadySteps.Forget(host, _config),
    ];

    /// <summary>The steps up to a root that is mounted at the zonepath and has its final packages.</summary>
    public Step[] TakeSteps() =>
    [
        new("configure", "configure the zone", Step.Now(Configure), Step.Now(Unconfigure)) { KeepUnlessAllUndone = true },
        ReadySteps.Ready(host, _config),
        new("device", "attach the image as a lofi device", AttachImageAsync, _mount.UndoAttachAsync),
        new("claim", "note on the share that the zone is this host's", ClaimAsync, UnclaimAsync),
        new("fsck", "check the file system", _mount.CheckAsync),
        new("mount", "mount it at the zonepath", MountAsync, _mount.UndoMountAsync),
        new("compare", "compare its packages with this system's", CompareAsync),
        .. options.Update == UpdateKind.None ? (Step[])[] : UpdateSteps(),
    ];

    public Step WriteShare() => new("share", "write configuration and manifest on the share", WriteAsync);

    /// <summary>Notes the zone as installed. Only operations with later steps undo this step.</summary>
    public Step MarkInstalled() => new(
        "installed",
        "mark the zone installed",
        Step.Now(() => host.Index.Save(record with { State = ZoneState.Installed, DetachedAt = null, Lost = null, Moving = null })),
        Step.Now(() => host.Index.Save(Configured)));

    /// <summary>The last step. Until it has run, another host finds everything on the share that it needs to attach the zone.</summary>
    public Step Tidy() => new("tidy", "remove what the detach left on the share", c => _share.RemoveAsync(DetachedZone.FileName, c));

    private ZoneRecord Configured => record with { State = ZoneState.Configured, DetachedAt = record.DetachedAt ?? host.Time.GetUtcNow() };

    private Step[] UpdateSteps() =>
    [
        new("update", "update a copy of its root", UpdateAsync, c => Task.Run(() => NativeUpdater.Discard(ZonePath, c), c)),
        new("exchange", "put the copy in its place", Step.Now(Exchange), Step.Now(ExchangeBack)),
        new("discard", "remove the old root", DiscardOldAsync),
    ];

    private void Configure()
    {
        host.Index.Save(Configured);
        Range?.Dispose();
    }

    private void Unconfigure()
    {
        if (before is null)
            host.Index.Delete(Name);
        else
            host.Index.Save(before);
    }

    private async Task AttachImageAsync(CancellationToken cancellation) =>
        await (
            options.Takeover is { } takeover
                ? new OwnerWait(host, _mount, Name, takeover, reporter).AttachAsync(cancellation)
                : _mount.AttachAsync(cancellation));

    private async Task ClaimAsync(CancellationToken cancellation) =>
        _claimed = await _homes.ClaimAsync(attaching: true, options.Force || options.Takeover is not null, cancellation);

    private Task UnclaimAsync(CancellationToken cancellation) => _claimed ? _homes.UnclaimAsync(cancellation) : Task.CompletedTask;

    private async Task MountAsync(CancellationToken cancellation)
    {
        await _mount.MountAtZonePathAsync(cancellation);
        // Removes the second tree of a killed update: the copy before the exchange, or the old root after it. The root itself is whole in
        // both cases.
        await Task.Run(() => NativeUpdater.Discard(ZonePath, cancellation), cancellation);
    }

    private async Task CompareAsync(CancellationToken cancellation)
    {
        if (AnyPackages && options.Update == UpdateKind.None)
            return;
        _manifest = await Brand.DescribeAsync(ZonePaths.Root(_config), Name, cancellation);
        ManifestComparison comparison = ManifestComparison.Of(_manifest, await Brand.OfferAsync(cancellation));
        if (!AnyPackages)
            Judge(comparison, options.Update);
        _needed = options.Update == UpdateKind.All || comparison.Older.Count > 0;
    }

    private async Task UpdateAsync(CancellationToken cancellation)
    {
        if (!_needed)
            return;
        string log = ZonePaths.AttachLog(host.Paths, Name);
        IReadOnlyList<ManifestPackage> changed;
        await using (HostLogWriter text = HostLog.Fresh(log, host.Time))
            changed = await Brand.PrepareUpdateAsync(ZonePath, Name, record.UidBase, options.Update, text, cancellation);
        HashSet<string> names = [.. changed.Select(p => p.Name)];
        _manifest = _manifest! with
        {
            Packages =
            [
                .. _manifest.Packages.Where(p => !names.Contains(p.Name)).Concat(changed).OrderBy(p => p.Name, StringComparer.Ordinal),
            ],
        };
        reporter.Line($"Updating <{changed.Count}> packages of zone <{Name}>. The file <{log}> contains a log of the update.");
    }

    private void Exchange()
    {
        if (!_needed)
            return;
        NativeUpdater.Exchange(ZonePath);
        _exchanged = true;
    }

    private void ExchangeBack()
    {
        // The old root is whole until its removal begins. A half-removed root must not come back.
        if (_exchanged)
            NativeUpdater.Exchange(ZonePath);
        _exchanged = false;
    }

    private Task DiscardOldAsync(CancellationToken cancellation)
    {
        _exchanged = false;
        return Task.Run(() => NativeUpdater.Discard(ZonePath, cancellation), cancellation);
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        await _share.WriteConfigAsync(cancellation);
        if (_manifest is not null)
            await _share.WriteAsync(ManifestFile.Name, ManifestFile.Serialize(_manifest), cancellation);
    }

    /// <summary>The manifest of the last detach, or else of the install; null when there is neither.</summary>
    private async Task<Manifest?> ReadManifestAsync(ShareFound notes, CancellationToken cancellation)
    {
        ShareUri directory = ZonePaths.Share(_config.RootImage!).Below(Name);
        if (notes.Content is { } left)
            return DetachedZone.Parse(left, directory.Below(DetachedZone.FileName).ToString()).Manifest;
        byte[] installed = await _share.ReadManifestAsync(cancellation);
        return installed.Length == 0 ? null : ManifestFile.Parse(installed, directory.Below(ManifestFile.Name).ToString());
    }

    private void Judge(ManifestComparison comparison, UpdateKind update)
    {
        string command = options.Offer is null ? $"zone attach {Name}" : "the same command";
        Judge(Name, comparison, update, command, reporter);
    }

    /// <summary>Refuses packages that do not fit this system, and lists them.</summary>
    /// <param name="name">The zone.</param>
    /// <param name="comparison">Its packages beside this system's.</param>
    /// <param name="update">The packages that an attach would update.</param>
    /// <param name="command">The command that attaches the zone.</param>
    /// <param name="reporter">Gets the list.</param>
    public static void Judge(string name, ManifestComparison comparison, UpdateKind update, string command, IReporter reporter)
    {
        if (comparison.Allows(update))
            return;
        foreach (string line in comparison.Lines())
            reporter.Line(string.Concat(line.Select(c => c == '\t' || SafeText.IsSafe(c) ? c : '?')));
        throw comparison.IsRefused
            ? new LofizoneException(
                $"zone {name}: can't be attached here: it does not fit this system",
                $"attach it where its packages are as new; or without this check: {command} with -F")
            : new LofizoneException(
                $"zone {name}: {comparison.Older.Count} of its packages are older than this system's",
                $"{command} with -u updates what must match, with -U everything that this system has, with -F leaves them as they are");
    }
}
