using Lofizone.Install.Dpkg;
using Lofizone.Install.State;
using Lofizone.Install.Trees;
using Lofizone.Interop;
using Lofizone.Runtime;

namespace Lofizone.Install;

/// <summary>
/// Brand native: fills a zone's root with the packages of the global zone, from their installed files. The install needs no network, no
/// package cache and no second copy of any file.
/// </summary>
/// <param name="trees">Runs ldconfig, and the zone's own pam-auth-update.</param>
/// <param name="time">Clock for dates in the zone and in the manifest.</param>
/// <param name="globalRoot">Root of the copied system: "/" except in tests.</param>
public sealed class NativeInstaller(ConfinedTree trees, TimeProvider time, string globalRoot = "/")
{
    /// <summary>Name of the brand in configurations and manifests.</summary>
    public const string Brand = "native";

    /// <summary>Estimates the needs of an install. Writes nothing.</summary>
    /// <exception cref="LofizoneException">The same errors as in <see cref="InstallAsync"/>, before anything is written.</exception>
    public Task<InstallEstimate> EstimateAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            using SourceTree source = new(globalRoot);
            (PackageDatabase database, string _, IReadOnlyList<PackageRecord> packages) = Choose(source);
            return Estimate(source, database, packages, new CopyPlanner(source, database, packages).Plan(cancellation));
        },
        cancellation);

    /// <summary>Fills an empty directory, the root of the zone on its own file system, with a bootable system.</summary>
    /// <param name="targetRoot">Absolute path of an empty directory that only root can reach.</param>
    /// <param name="zoneName">The zone's name, which becomes its host name.</param>
    /// <param name="uidBase">Host ID of the zone's root. Programs of the zone run with this ID.</param>
    /// <param name="log">Gets one line per decision that a person may want to know later. The caller owns the writer.</param>
    /// <exception cref="LofizoneException">
    /// The global zone has no dpkg or a broken package, a package or file is missing, the target is not empty, or the image is full.
    /// Written files stay, and the caller discards the root.
    /// </exception>
    /// <returns>The packages and their origin. The caller writes the manifest beside the image.</returns>
    public async Task<Manifest> InstallAsync(
        string targetRoot, string zoneName, uint uidBase, IReporter reporter, TextWriter log, CancellationToken cancellation)
    {
        void Say(string line)
        {
            reporter.Line(line);
            lock (log)
                log.WriteLine(line);
        }

        InstallEstimate? estimate = null;
        try
        {
            return await Task.Run(RunAsync, cancellation);
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOSPC or Errno.EDQUOT)
        {
            string need = estimate is null ? "more space" : $"{estimate.Bytes >> 20} MiB and {estimate.Inodes} inodes";
            throw new LofizoneException($"zone {zoneName}: the file system of its image is full: the install needs {need}",
                $"give the zone a larger image: at least {(estimate?.MinimumImageBytes ?? 0) >> 20}m", error);
        }
        catch (LinuxException error)
        {
            throw new LofizoneException($"zone {zoneName}: copying the global zone into {targetRoot} failed: {error.Message}",
                "see the log of the install; after mending the cause, install the zone again", error);
        }

        async Task<Manifest> RunAsync()
        {
            Say($"Preparing to install zone <{zoneName}>.");
            using SourceTree source = new(globalRoot);
            (PackageDatabase database, string init, IReadOnlyList<PackageRecord> packages) = Choose(source);
            if (Directory.EnumerateFileSystemEntries(targetRoot).Any())
                throw new LofizoneException(
                    $"zone {zoneName}: {targetRoot} is not empty", "uninstall the zone first, or remove what is there");
            using TargetTree target = new(targetRoot, ViewUse.Write);

            Say("Creating list of files to copy from the global zone.");
            CopyPlan plan = new CopyPlanner(source, database, packages).Plan(cancellation);
            foreach (string note in plan.Notes)
                log.WriteLine(note);
            estimate = Estimate(source, database, packages, plan);

            Say($"Copying <{plan.Files.Count}> files to the zone.");
            DateTime before = StatusTime();
            Accounts accounts = new(source, database, packages);
            TreeCopier copier = new(source, target, accounts.Own, log);
            copier.Copy(plan, (done, total) => reporter.Progress("Copying files", done, total), cancellation);

            Say("Initializing zone product registry.");
            PackageRegistry registry = new(source, target, database, packages);
            registry.Begin();

            Say("Determining zone package initialization order.");
            IReadOnlyList<IReadOnlyList<PackageRecord>> order = InitializationOrder.Compute(database, packages);
            foreach (IReadOnlyList<PackageRecord> circle in order.Where(c => c.Count > 1))
                log.WriteLine($"packages that depend on each other, initialised together: {string.Join(' ', circle.Select(p => p.Name))}");

            Say($"Preparing to initialize <{packages.Count}> packages on the zone.");
            int initialised = 0;
            foreach (PackageRecord package in order.SelectMany(c => c))
            {
                cancellation.ThrowIfCancellationRequested();
                registry.Register(package);
                log.WriteLine($"{package.Name} {package.Version} {package.Architecture}");
                reporter.Progress("Initializing packages", ++initialised, packages.Count);
            }

            accounts.Write(target, time.GetUtcNow());
            SystemFiles.Make(source, target, accounts, zoneName);
            log.WriteLine(
                $"{Alternatives.Make(source, target)} groups of alternatives, {UnitLinks.Make(source, target)} links of systemd units");
            foreach (string note in AptSources.Make(source, target))
                log.WriteLine(note);
            Debconf.Make(source, target, packages.Select(p => p.Name).ToHashSet());
            if (init == Manifest.BusyboxInit)
                BusyboxInit.Make(target);
            registry.Finish(order.SelectMany(c => c));
            await RunProgramsAsync(target);
            if (StatusTime() != before)
                throw new LofizoneException(
                    $"zone {zoneName}: packages of the global zone changed while they were copied",
                    "let package changes there end, then install the zone again");

            Say($"Initialized <{packages.Count}> packages on zone.");
            Say($"Zone <{zoneName}> is initialized.");
            return ManifestMaker.Make(source, database, init, packages, time);
        }

        // The results of these programs (the linker's cache, PAM's common files) depend on the zone's content, not on the global zone.
        async Task RunProgramsAsync(TargetTree target)
        {
            await trees.RunAsync(
                zoneName, targetRoot, uidBase, TreeProgram.OfHost, ["/sbin/ldconfig", "-r", ConfinedTree.Place], cancellation);
            if (target.Exists("/usr/sbin/pam-auth-update"))
                await trees.RunAsync(
                    zoneName, targetRoot, uidBase, TreeProgram.OfTree, ["/usr/sbin/pam-auth-update", "--package", "--force"], cancellation);
        }
    }

    /// <summary>The parts of the global zone that an install copies.</summary>
    internal static (PackageDatabase Database, string Init, IReadOnlyList<PackageRecord> Packages) Choose(SourceTree source)
    {
        PackageDatabase database = PackageDatabase.Load(source);
        string init = database.IsInstalled("systemd-sysv") ? Manifest.SystemdInit : Manifest.BusyboxInit;
        if (init == Manifest.BusyboxInit && !database.IsInstalled("busybox-static"))
            throw new LofizoneException(
                "the global zone has neither systemd-sysv nor busybox-static: the zone would have no init",
                "run: apt-get install busybox-static");
        return (database, init, PackageClosure.Compute(database, init));
    }

    private static InstallEstimate Estimate(
        SourceTree source, PackageDatabase database, IReadOnlyList<PackageRecord> packages, CopyPlan plan)
    {
        // Files that are made rather than copied (accounts, alternatives, databases) are small, except for the status file and debconf's
        // databases.
        const long MadeFiles = 400, MadeBytes = 8 << 20;
        (long bytes, long files) = new PackageRegistry(source, null!, database, packages).Size();
        return new InstallEstimate(packages.Count, plan.Files.Count, plan.DiskBytes + bytes + MadeBytes, plan.Inodes + files + MadeFiles);
    }

    private DateTime StatusTime() => File.GetLastWriteTimeUtc(Path.Join(globalRoot, PackageDatabase.Directory, "status"));
}
