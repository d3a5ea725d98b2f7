using System.Globalization;
using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Install;
using Lofizone.Install.Update;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>The global zone: all objects that an operation on a zone uses. A test can replace each part.</summary>
public sealed class ZoneHost
{
    public ZoneHost(HostPaths paths, IProgramRunner programs, TimeProvider time, string zoneBinary)
    {
        Paths = paths;
        Programs = programs;
        Time = time;
        ZoneBinary = zoneBinary;
        Index = new ZoneIndex(paths);
        Accepted = new AcceptedConfigs(paths);
        Away = new AwayShares(paths, KernelServer.AnswersAsync);
        OpenShareAsync = Away.Noting(OpenShares.OfCommand.OpenAsync);
        KernelCalls kernel = new(programs, zoneBinary);
        Kernel = kernel;
        Lofi = new LofiDevices(
            paths, programs, kernel, new EngineLauncher(zoneBinary, paths, programs, time), time, (uri, c) => OpenShareAsync(uri, c));
        Runtime = new ZoneRuntime(paths, programs, kernel, zoneBinary, time);
        ConfinedTree trees = new(programs, zoneBinary);
        IBrand[] brands = [new NativeBrand(new NativeInstaller(trees, time), new NativeUpdater(trees, time))];
        Brands = brands.ToDictionary(b => b.Name, StringComparer.Ordinal);
    }

    public HostPaths Paths { get; }

    public IProgramRunner Programs { get; }

    public TimeProvider Time { get; }

    /// <summary>Path of the binary that plays the hidden roles: engine, crun's launcher, exit notice.</summary>
    public string ZoneBinary { get; }

    /// <summary>System calls that may wait for a server.</summary>
    public IKernelCalls Kernel { get; init; }

    internal BusyMount BusyMounts => new(Kernel, Time);

    public ZoneIndex Index { get; }

    /// <summary>The acceptances for zones that this host need not have.</summary>
    public AcceptedConfigs Accepted { get; }

    /// <summary>The shares that are known to be away.</summary>
    public AwayShares Away { get; }

    public LofiDevices Lofi { get; }

    public ZoneRuntime Runtime { get; }

    public IReadOnlyDictionary<string, IBrand> Brands { get; }

    /// <exception cref="LofizoneException">This host does not know the brand of the configuration.</exception>
    [EffectOf("brand")]
    public IBrand BrandOf(ZoneConfig config) => Brands.TryGetValue(config.Brand, out IBrand? brand)
        ? brand
        : throw new LofizoneException(
            $"{config.Name}: brand {config.Brand} is not known", $"known brands: {string.Join(", ", Brands.Keys)}");

    /// <summary>This machine, or the host below LOFIZONE_ROOT.</summary>
    public static ZoneHost FromEnvironment() =>
        new(HostPaths.FromEnvironment(), new ProgramRunner(), TimeProvider.System, OwnProgram.Path);

    /// <summary>The zone's record.</summary>
    /// <exception cref="LofizoneException">There is no such zone.</exception>
    public ZoneRecord Require(string name)
    {
        ZoneName.Check(name);
        return Index.Load(name)
            ?? throw new LofizoneException($"{name}: No such zone configured", "'zone list' shows the zones of this host");
    }

    /// <summary>The zone's present state. Reads files and /proc only.</summary>
    public ZoneStatus Status(ZoneRecord record)
    {
        string name = record.Config.Name;
        ZoneRun? run = Index.LoadRun(name);
        return new ZoneStatus(record, run, run is null ? record.State : StateUp(name, run));
    }

    /// <summary>All zones of this host, by name. A file that can't be read does not end the listing.</summary>
    /// <param name="onBroken">Called for each zone whose files can't be read.</param>
    public IEnumerable<ZoneStatus> All(Action<LofizoneException> onBroken)
    {
        foreach (string name in Index.Names())
        {
            ZoneStatus? status = null;
            try
            {
                status = Index.Load(name) is { } record ? Status(record) : null;
            }
            catch (LofizoneException error)
            {
                onBroken(error);
            }

            if (status is not null)
                yield return status;
        }
    }

    /// <summary>Time that a zone's init has for its shutdown before it is killed.</summary>
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(ZoneHalt.ShutdownLimitSeconds);

    /// <summary>The time that a zone's init has for its shutdown: the zone's own, or the host's default.</summary>
    [EffectOf("shutdown-timeout")]
    public TimeSpan ShutdownLimitOf(string zone) =>
        Index.Load(zone) is { Config: var config } && GlobalProperties.ShutdownTimeout.Get(config) is { } seconds
            ? TimeSpan.FromSeconds(long.Parse(seconds, CultureInfo.InvariantCulture))
            : ShutdownLimit;

    /// <summary>Time for a zone's halt beside its init's shutdown: for the flush, which may take 60 s, for hooks and the rest.</summary>
    private static readonly TimeSpan _haltMargin = TimeSpan.FromSeconds(90) + (2 * ZoneHooks.Limit);

    /// <summary>Time for a halt of the zone at the stop of the host.</summary>
    public TimeSpan HaltLimitOf(string zone) => ShutdownLimitOf(zone) + _haltMargin;

    /// <summary>The limits of this host that are too low for a number of zones.</summary>
    public Func<int, IReadOnlyList<HostLimitFinding>> CheckLimits { get; init; } = HostLimits.Check;

    /// <summary>The limits of this host that are too low for the zones that are up and this zone.</summary>
    public IReadOnlyList<HostLimitFinding> LimitsWith(string zone) =>
        CheckLimits(All(_ => { }).Count(z => z.Name != zone && z.State.IsUp()) + 1);

    /// <summary>
    /// Takes the lock on the ranges of IDs. A command holds the lock from <see cref="NewRecord"/> until the record is saved, so that two
    /// new zones never get the same range.
    /// </summary>
    public HostLock LockRanges() => HostLock.Take(Paths, ".uid-ranges", "new zone", TimeSpan.FromSeconds(60));

    /// <summary>Refuses a zonepath that another zone has: two zones at one zonepath would hide each other's root.</summary>
    public void RefuseSharedZonePath(ZoneConfig config)
    {
        ZoneStatus? other = All(_ => { })
            .FirstOrDefault(z => z.Name != config.Name && z.Record.Config.ZonePath is { } path && path == config.ZonePath);
        if (other is not null)
            throw new LofizoneException(
                $"{config.Name}: the zonepath {config.ZonePath} is that of zone {other.Name} already", "set another zonepath");
    }

    /// <summary>A record for a zone that is new here, with a range of user IDs of its own.</summary>
    public ZoneRecord NewRecord(ZoneConfig config) => new()
    {
        Version = ZoneRecord.CurrentVersion,
        Config = config,
        State = ZoneState.Configured,
        UidBase = UidRanges.Allocate(All(error => throw error).Select(z => z.Record.UidBase), UidRanges.TakenOnHost()),
    };

    /// <summary>
    /// Opens the share that a zone's image is on; fails within seconds when its server does not answer. All of a command goes over one
    /// session with each server.
    /// </summary>
    public ShareOpener OpenShareAsync { get; init; }

    /// <summary>True when the device under a zone that is up works no more: its engine was killed, or its loop device taken away.</summary>
    public bool HasLostRoot(ZoneRun run) => run.Lofi is { } number && Lofi.Get(number) is { HasLostStore: true };

    private ZoneState StateUp(string name, ZoneRun run) =>
        run.Lofi is { } number && Lofi.Get(number) is { Health: LofiHealth.Fenced } ? ZoneState.Fenced : StateOfProcesses(name, run);

    private ZoneState StateOfProcesses(string name, ZoneRun run) => Runtime.State(name).Phase switch
    {
        // The zone's processes may still exist, but their writes are not stored any more.
        RuntimePhase.Running when HasLostRoot(run) => ZoneState.Down,
        RuntimePhase.Running => run.Phase == ZoneState.ShuttingDown ? ZoneState.ShuttingDown : ZoneState.Running,
        RuntimePhase.Created => ZoneState.Ready,
        // Between a boot's first step and the making of the container the zone is "ready" while the boot's command lives.
        _ => run.Phase == ZoneState.Ready && HostLock.IsHeld(Paths, name, out _) ? ZoneState.Ready : ZoneState.Down,
    };
}
