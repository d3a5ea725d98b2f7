using Lofizone.Install.Dpkg;
using Lofizone.Install.State;
using Lofizone.Install.Trees;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;

namespace Lofizone.Install.Update;

/// <summary>
/// Brand native: this host's packages for zones that come from elsewhere, and the update of a zone's packages to this host's versions. An
/// update copies from the global zone, as an install does.
/// </summary>
/// <param name="trees">Runs this host's ldconfig and dpkg on the zone's root.</param>
/// <param name="time">Clock for dates in the zone and in manifests.</param>
/// <param name="globalRoot">Root of the copied system: "/" except in tests.</param>
public sealed class NativeUpdater(ConfinedTree trees, TimeProvider time, string globalRoot = "/")
{
    /// <summary>
    /// Name of the tree that an update works on, beside the zone's root. After the update the old tree has the name for a moment.
    /// </summary>
    public const string CloneName = "root.update";

    /// <summary>This host's packages.</summary>
    /// <exception cref="LofizoneException">The global zone has no dpkg, or has a broken package.</exception>
    public Task<HostOffer> OfferAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            using SourceTree global = new(globalRoot);
            (PackageDatabase database, string init, IReadOnlyList<PackageRecord> packages) = NativeInstaller.Choose(global);
            return new HostOffer(
                ManifestMaker.Make(global, database, init, packages, time),
                [.. database.Packages.Where(p => p.IsInstalled).Select(ManifestMaker.List)]);
        },
        cancellation);

    /// <summary>The packages of a zone according to its own dpkg. Packages that were installed inside the zone count.</summary>
    /// <param name="root">The zone's root, mounted and not in use.</param>
    /// <param name="zone">The zone's name, for messages.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LofizoneException">The zone has no dpkg, or its dpkg was interrupted.</exception>
    public Task<Manifest> DescribeAsync(string root, string zone, CancellationToken cancellation) => TreeWork.RunAsync(
        () =>
        {
            using SourceTree tree = SourceTree.OfZone(root);
            PackageDatabase database = PackageDatabase.Load(tree, $"zone {zone}");
            string init = database.IsInstalled("systemd-sysv") ? Manifest.SystemdInit : Manifest.BusyboxInit;
            Manifest manifest = ManifestMaker.Make(
                tree, database, init, database.Packages.Where(p => p.IsInstalled).OrderBy(p => p.Name, StringComparer.Ordinal), time);
            // The zone's root may have written any text there.
            ManifestFile.Validate(manifest, $"dpkg's database of zone {zone}");
            return manifest;
        },
        time,
        cancellation);

    /// <summary>
    /// Makes the updated tree as <see cref="CloneName"/> beside the zone's root, which stays unchanged. <see cref="Exchange"/> puts the
    /// updated tree in the root's place.
    /// </summary>
    /// <param name="zonePath">The mounted file system of the zone, writable by root alone.</param>
    /// <param name="zone">The zone's name, for messages.</param>
    /// <param name="uidBase">Host ID of the zone's root. Programs that work on the zone's root run with this ID.</param>
    /// <param name="kind">The packages to update.</param>
    /// <param name="log">Gets one line per decision that a person may want to know later.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The packages that were replaced or added, each with its new version.</returns>
    /// <exception cref="LofizoneException">
    /// A dependency or a file is missing, or the image is full. The caller discards the clone.
    /// </exception>
    public async Task<IReadOnlyList<ManifestPackage>> PrepareAsync(
        string zonePath, string zone, uint uidBase, UpdateKind kind, TextWriter log, CancellationToken cancellation)
    {
        string root = Path.Combine(zonePath, CloneName);
        try
        {
            IReadOnlyList<ManifestPackage> changed = await TreeWork.RunAsync(
                () => BuildClone(zonePath, zone, kind, log, cancellation), time, cancellation);
            await trees.RunAsync(zone, root, uidBase, TreeProgram.OfHost, ["/sbin/ldconfig", "-r", ConfinedTree.Place], cancellation);
            ProgramResult audit = await trees.RunAsync(
                zone, root, uidBase, TreeProgram.OfHost,
                ["/usr/bin/dpkg", $"--admindir={ConfinedTree.Place}{PackageDatabase.Directory}", "--audit"], cancellation);
            return audit.Output.Trim().Length == 0
                ? changed
                : throw new LofizoneException(
                    $"zone {zone}: dpkg finds its packages inconsistent after the update: {audit.Output.Trim().ReplaceLineEndings(" ")}",
                    "mend the packages in the zone where it ran before, and detach it again");
        }
        catch (UnchangeableFileException error)
        {
            throw new LofizoneException(
                $"zone {zone}: updating its packages failed: {SafeText.Text(error.Name)} in it can't be copied, since it is immutable or "
                + "append-only; its root is as it was",
                "attach it as it is, without -u and -U, or with -F; or take the attribute away in the zone where it runs (lsattr "
                + "shows it, chattr -i -a FILE)", error);
        }
        catch (LinuxException error)
        {
            string advice = error.Errno is Errno.ENOSPC or Errno.EDQUOT
                ? "make room in the zone where it ran before, or enlarge its image"
                : "see the log of the update; after mending the cause, attach the zone again";
            throw new LofizoneException(
                $"zone {zone}: updating its packages failed: {error.Message}; its root is as it was", advice, error);
        }
    }

    /// <summary>Exchanges the zone's root and the updated tree, durably. A second call reverses the exchange.</summary>
    public static void Exchange(string zonePath)
    {
        using DirectoryHandle parent = DirectoryHandle.Open(zonePath);
        parent.Exchange("root", CloneName);
        parent.Sync();
    }

    /// <summary>Removes the tree beside the root, whichever of the two it is.</summary>
    /// <exception cref="LofizoneException">The tree can't be removed.</exception>
    public static void Discard(string zonePath, CancellationToken cancellation)
    {
        try
        {
            using DirectoryHandle parent = DirectoryHandle.Open(zonePath);
            DirectoryTree.Remove(parent, CloneName, cancellation);
        }
        catch (LinuxException error)
        {
            throw new LofizoneException(
                $"{zonePath}/{CloneName}: what is left of an update can't be removed: {error.Message}",
                "mount the image and look at it: 'zone doctor' says what is wrong with its file system", error);
        }
    }

    private List<ManifestPackage> BuildClone(string zonePath, string zone, UpdateKind kind, TextWriter log, CancellationToken cancellation)
    {
        using SourceTree global = new(globalRoot);
        (PackageDatabase host, _, IReadOnlyList<PackageRecord> standard) = NativeInstaller.Choose(global);
        Discard(zonePath, cancellation);
        using (DirectoryHandle parent = DirectoryHandle.Open(zonePath))
            LinkedTree.Make(parent, "root", CloneName, cancellation);

        string root = Path.Combine(zonePath, CloneName);
        using SourceTree tree = SourceTree.OfZone(root);
        using TargetTree target = new(root, ViewUse.Write);
        PackageDatabase zonePackages = PackageDatabase.Load(tree, $"zone {zone}");
        IReadOnlyList<PackageRecord> chosen = new UpdateSelection(host, zonePackages, standard.Select(p => p.Name).ToHashSet())
            .Choose(kind);
        DateTime before = StatusTime();
        UpdatePlan plan = new UpdatePlanner(global, host, tree, zonePackages, chosen).Plan(cancellation);
        foreach (string note in plan.Copies.Notes)
            log.WriteLine(note);

        ZoneAccounts accounts = new(global, tree, new Accounts(global, host, chosen));
        foreach (string path in plan.Removed.Concat(plan.Copies.Files.Select(f => f.Target)))
            target.RemoveFile(path);
        new TreeCopier(global, target, accounts.Own, log).Copy(plan.Copies, (_, _) => { }, cancellation);
        foreach (string path in plan.RemovedDirectories)
            target.RemoveEmptyDirectory(path);
        accounts.Write(target, time.GetUtcNow());
        NoteScripts(host, zonePackages, chosen, log);
        new RegistryUpdate(global, host, tree, zonePackages, target, chosen).Run();
        if (StatusTime() != before)
            throw new LofizoneException(
                $"zone {zone}: packages of the global zone changed while they were copied; the zone's root is as it was",
                "let package changes there end, then attach the zone again");
        return [.. chosen.Select(ManifestMaker.List)];
    }

    /// <summary>Logs how to run the scripts of added packages. Only those scripts know what they do.</summary>
    private static void NoteScripts(PackageDatabase host, PackageDatabase zone, IReadOnlyList<PackageRecord> chosen, TextWriter log)
    {
        foreach (PackageRecord package in chosen)
        {
            log.WriteLine($"{package.Name} {package.Version} {package.Architecture}");
            if (!zone.IsInstalled(package.Name) && host.InfoFilesOf(package).Any(f => f.EndsWith(".postinst", StringComparison.Ordinal)))
                log.WriteLine(
                    $"{package.Name}: its post-installation script was not run; to run it in the zone: dpkg-reconfigure {package.Name}");
        }
    }

    private DateTime StatusTime() => File.GetLastWriteTimeUtc(Path.Join(globalRoot, PackageDatabase.Directory, "status"));
}
