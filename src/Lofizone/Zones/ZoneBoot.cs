using Lofizone.Boot;
using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Network;
using Lofizone.Operations;
using Lofizone.Runtime;
using Lofizone.Runtime.Oci;

namespace Lofizone.Zones;

/// <summary>
/// Boots an installed zone: attach, check, mount, clone, container, network, start. The supervisor of the container starts beside the
/// attach, because both take long and neither needs the other. A failure undoes all of it.
/// </summary>
internal sealed class ZoneBoot(ZoneHost host, ZoneRecord record)
{
    private readonly ZoneConfig _config = record.Config;
    private readonly ZoneMount _mount = new(host, record.Config);
    private ZoneRun? _run;
    private ContainerCreation? _creation;
    private long _consoleLength;

    /// <summary>Gets warnings about parts that are missing but do not stop the boot.</summary>
    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    /// <summary>Gets the arguments of this boot.</summary>
    [EffectOf("bootargs")]
    public BootArguments Arguments
    {
        // Arguments of the command count more than those of the configuration.
        get => field == BootArguments.None && GlobalProperties.BootArgs.Get(_config) is { } own ? BootArguments.Parse(own) : field;
        init;
    } = BootArguments.None;

    private string Name => _config.Name;

    private ZoneHooks Hooks => new(host, _config, Reporter);

    /// <summary>Runs all checks that can fail before anything is changed.</summary>
    public Task CheckAsync(CancellationToken cancellation) => Findings.RequireNoneAsync(Checks, cancellation);

    /// <summary>Checks the host's part of a boot, whatever the zone's root.</summary>
    public void CheckHost() => Findings.RequireNone(HostChecks);

    /// <summary>The only list of a boot's needs; <c>zone verify</c> uses the list, too.</summary>
    public IEnumerable<Func<CancellationToken, Task>> Checks =>
    [
        .. HostChecks.Select(Step.Now),
        Step.Now(() => ZonePathCheck.RequirePlace(Name, ZonePaths.ZonePath(_config), host.Paths)),
        _config.RootImage is null
            ? Step.Now(() => ZonePathCheck.RequireMounted(Name, ZonePaths.ZonePath(_config)))
            : new ZoneShare(host, _config).CheckConfigAsync,
        _mount.CheckLimitsAsync,
    ];

    /// <summary>The checks that ask no share.</summary>
    public IEnumerable<Action> HostChecks =>
    [
        () => host.Runtime.PreCheck(_config.RootImage is { } image ? ImageFileSystem.ProgramsToMount(image.FsType) : []),
        () => ZoneNetwork.CheckNumber(Name, _config.Net),
        () => ZoneRuntime.CheckControls(Name, ResourceControls.Of(_config)),
        () => new ZoneCpus(host).Check(_config),
        .. _config.Net.Take(ZoneNetwork.InterfaceLimit).Select(net => (Action)(() => ZoneNetwork.Check(Name, net))),
    ];

    public IReadOnlyList<Step> Steps() => [.. MakeSteps(), .. InitSteps()];

    /// <summary>The steps to a zone that is ready, and stays ready until a boot or a halt.</summary>
    public IReadOnlyList<Step> PrepareSteps() =>
    [
        .. MakeSteps(),
        new("prepared", "note that the zone is ready", Step.Now(() => host.Index.SaveRun(Name, _run! with { Prepared = true }))),
    ];

    /// <summary>The steps from a ready zone to a running zone (<see cref="GoOn"/>).</summary>
    public IReadOnlyList<Step> BootReadySteps() =>
        [new("resume", "go on with the ready zone", Step.Now(() => { }), TakeDownAsync), .. InitSteps()];

    private List<Step> MakeSteps()
    {
        List<Step> steps =
        [
            new("ready", "take a zone ID", TakeIdAsync, ForgetAsync) { KeepUnlessAllUndone = true },
            Hooks.PreBoot(),
            Supervisor(),
        ];
        if (_config.RootImage is not null)
        {
            steps.Add(new("attach", "attach the image as a lofi device", AttachAsync, _mount.UndoAttachAsync));
            steps.Add(new("fsck", "check the file system", _mount.CheckAsync));
            steps.Add(new("mount", "mount it at the zonepath", _mount.MountAtZonePathAsync, _mount.UndoMountAsync));
        }

        steps.AddRange(ContainerSteps());
        return steps;
    }

    /// <summary>The steps from a root that is mounted at the zonepath to a running zone.</summary>
    public IReadOnlyList<Step> RunSteps() => [Hooks.PreBoot(), Supervisor(), .. ContainerSteps(), .. InitSteps()];

    /// <summary>The supervisor starts while the next steps run.</summary>
    private Step Supervisor() => new("supervisor", "start the zone's supervisor", Step.Now(BeginCreate), EndCreationAsync);

    private Step[] ContainerSteps() =>
    [
        new(
            "clone", "map the zone's users onto its own range", c => host.Runtime.CloneRootAsync(Launch(), c),
            c => host.Runtime.RemoveRootCloneAsync(Name, c)),
        new("container", "make the container", CreateAsync, EndCreationAsync),
        new("cpus", "give it its CPUs", Step.Now(() => _run = new ZoneCpus(host).Take(_config, _run!))),
        new("network", "plumb the network", PlumbAsync),
    ];

    private Step[] InitSteps() =>
    [
        new("start", "start init", StartAsync),
        new("watch", "watch init start", WatchAsync),
        Hooks.PostBoot(),
    ];

    /// <summary>Undoes all of a zone that was ready, in the way of a halt.</summary>
    private async Task TakeDownAsync(CancellationToken cancellation)
    {
        foreach (Step step in new ZoneHalt(host, _run?.Config ?? _config, HaltMode.Now, Reporter).Steps())
            await step.Do(cancellation);
    }

    /// <summary>
    /// Continues an operation whose earlier steps took the zone's ID and attached its image, so that only <see cref="RunSteps"/> remain.
    /// </summary>
    public void GoOn(ZoneRun run) => _run = run;

    private ZoneLaunch Launch() => new()
    {
        Name = Name,
        RootDirectory = ZonePaths.Root(_config),
        UidBase = record.UidBase,
        Net = _config.Net,
        Controls = ResourceControls.Of(_config),
        Writable = Arguments.IsWritable ? WritableParts.All : WritableParts.Of(_config),
        ExitCommand = [host.ZoneBinary, ExitNotice.Verb, host.Paths.Root, Name],
        ConsoleLog = ZonePaths.ConsoleLog(host.Paths, Name),
        Init = Arguments.InitCommand,
    };

    private Task TakeIdAsync(CancellationToken cancellation)
    {
        _run = new ZoneRun { Id = host.Index.NextId(), Phase = ZoneState.Ready, BootedAt = host.Time.GetUtcNow(), Config = _config };
        host.Index.SaveRun(Name, _run);
        return Task.CompletedTask;
    }

    private Task ForgetAsync(CancellationToken cancellation)
    {
        host.Index.DeleteRun(Name);
        new ZoneCpus(host).Release(_run);
        return Task.CompletedTask;
    }

    private async Task AttachAsync(CancellationToken cancellation)
    {
        LofiDevice device = await _mount.AttachAsync(cancellation);
        _run = _run! with { Lofi = device.Number };
        host.Index.SaveRun(Name, _run);
        // The home record is read again under the lock, because it may have changed since the checks.
        await new ZoneHomes(host, _config).ClaimAsync(attaching: false, force: false, cancellation);
    }

    private void BeginCreate() => _creation = host.Runtime.BeginCreate(Launch());

    private async Task CreateAsync(CancellationToken cancellation)
    {
        host.Runtime.RequireInit(Launch(), Arguments);
        await _creation!.FinishAsync(cancellation);
        await _creation.DisposeAsync();
        _creation = null;
    }

    private async Task EndCreationAsync(CancellationToken cancellation)
    {
        if (_creation is { } creation)
            await creation.DisposeAsync();
        _creation = null;
        await host.Runtime.DeleteAsync(Name, cancellation);
    }

    private async Task PlumbAsync(CancellationToken cancellation)
    {
        ZoneHostId.Write(_config, ZonePaths.Root(_config));
        WriteName();
        NameServers();
        await host.Runtime.PlumbNetworkAsync(Launch(), cancellation);
    }

    /// <summary>Tells the zone its name. A strange /etc in the zone's root stops no boot.</summary>
    private void WriteName()
    {
        try
        {
            ZoneNameFile.Write(ZonePaths.Root(_config), Name);
        }
        catch (Exception error) when (error is LinuxException or LofizoneException)
        {
            Reporter.Line($"{Name}: warning: its /etc/zonename was not written: {error.Message}; zonename in it does not work");
        }
    }

    /// <summary>Gives a zone with a network the host's name servers. A strange /etc in the zone's root stops no boot.</summary>
    private void NameServers()
    {
        if (_config.Net.Count == 0)
            return;
        try
        {
            if (HostResolver.ForZone() is { } servers)
                ZoneResolver.Write(ZonePaths.Root(_config), servers);
        }
        catch (Exception error) when (error is LinuxException or LofizoneException)
        {
            Reporter.Line(
                $"{Name}: warning: its /etc/resolv.conf was not written: {error.Message}; names of other hosts may not be found in it");
        }
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        if (record.Lost is not null || record.Moving is not null)
            host.Index.Save(record with { Lost = null, Moving = null });
        host.Index.SaveRun(Name, _run! with { Phase = ZoneState.Running, Prepared = false });
        // The host's own work on the image, the check and the mount, is not limited.
        if (_config.RootImage is { IsLimited: true })
            await _mount.LimitAsync(cancellation);
        _consoleLength = ConsoleTail.Length(ZonePaths.ConsoleLog(host.Paths, Name));
        await host.Runtime.StartAsync(Name, cancellation);
    }

    /// <summary>
    /// Watches init. An init that has already asked for a reboot gets the reboot, after ever longer pauses (<see cref="RebootPolicy"/>).
    /// Any other end is a failed boot.
    /// </summary>
    private async Task WatchAsync(CancellationToken cancellation)
    {
        if (await host.Runtime.WatchInitAsync(Name, cancellation) is not { Kind: not ExitKind.Rebooted } exit)
            return;
        throw InitFailure.Error(
            Name, exit, ConsoleTail.Since(ZonePaths.ConsoleLog(host.Paths, Name), _consoleLength), host.LimitsWith(Name));
    }
}
