using Lofizone.Boot;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Network;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>
/// Runs zones: crun makes and starts zones, and conmon watches them. Every method works from the zone's name and the files under
/// /run/lofizone alone, so that another process can continue the work of a killed process. Every removing method may be repeated.
/// </summary>
/// <param name="host">The host's paths.</param>
/// <param name="programs">Starts crun, conmon, ip.</param>
/// <param name="kernel">Makes the system calls that may wait for a server.</param>
/// <param name="zoneBinary">Absolute path of the zone binary, which knows the roles of <see cref="Launcher"/>.</param>
/// <param name="time">Clock of all deadlines.</param>
public sealed class ZoneRuntime(
    HostPaths host, IProgramRunner programs, IKernelCalls kernel, string zoneBinary, TimeProvider time)
{
    private static readonly string[] _needed = ["crun", "conmon", "ip", "nsenter", "setsid", "blkid"];

    private static readonly TimeSpan _initLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _initPoll = TimeSpan.FromMilliseconds(2);

    private readonly RuntimeContext _context = new(host, programs, kernel, zoneBinary, time);

    /// <summary>Checks that zones can run on this host. Called before anything is changed.</summary>
    /// <param name="more">Further programs that the zone needs.</param>
    /// <exception cref="LofizoneException">A program is missing, or the user is not root.</exception>
    public void PreCheck(params IEnumerable<string> more)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new LofizoneException("zones can be run by root only", "run the command with sudo");
        MissingProgram.Require(programs, [.. _needed, .. more]);
    }

    /// <summary>Checks that this host can give a zone what its limits promise.</summary>
    /// <exception cref="LofizoneException">A limit is beyond the host's own.</exception>
    public static void CheckControls(string zone, ResourceControls controls) => ZoneControls.Check(zone, controls, HostCapacity.OfHost);

    /// <summary>Gives a running zone other limits.</summary>
    /// <exception cref="LofizoneException">
    /// The zone does not run, or the kernel refuses a limit. The other limits may have changed.
    /// </exception>
    public Task ApplyAsync(string name, ResourceControls controls, CancellationToken cancellation = default) =>
        new ZoneControls(_context, name).ApplyAsync(controls, cancellation);

    /// <summary>Lets a zone run on these CPUs alone. Does nothing for a zone without a cgroup.</summary>
    /// <exception cref="LofizoneException">The kernel refuses them.</exception>
    public void SetCpus(string name, CpuList cpus) => _context.CgroupsOf(_context.Paths(name)).Limits.WriteCpus(name, cpus);

    /// <summary>Checks that the zone's mounted root has the program that starts as process 1, and that it knows its words.</summary>
    /// <exception cref="LofizoneException">There is no such program, or it ignores the arguments.</exception>
    public void RequireInit(ZoneLaunch launch, BootArguments arguments)
    {
        string? program = RootedPath.Resolve(_context.Paths(launch.Name).Root, arguments.Init);
        if (program is null && arguments.Init != BootArguments.UsualInit)
            throw new LofizoneException(
                $"zone {launch.Name}: has no program {arguments.Init}", "-i names a program by its path in the zone");
        if (arguments.Target == BootTarget.Emergency && InitKinds.Of(program) == InitKind.BusyBox)
            throw new LofizoneException(
                $"zone {launch.Name}: its init is BusyBox, which has no milestone none", "-s boots it to a shell on the console");
    }

    /// <summary>Checks that this host can limit the I/O of a zone on a loop device.</summary>
    /// <exception cref="LofizoneException">The host can't.</exception>
    public void CheckImageLimits(string zone) => ImageIo.Check(zone, _context.Cgroups);

    /// <summary>Limits the I/O of a created zone on a loop device, in a second, for reads and for writes each; 0 for no limit.</summary>
    /// <exception cref="LofizoneException">The host can't, or the kernel refuses.</exception>
    public void LimitImage(string zone, string loopDevice, long operations, long bytes) =>
        _context.CgroupsOf(_context.Paths(zone)).ImageIo.Limit(zone, loopDevice, operations, bytes);

    /// <summary>Mounts the ID-mapped clone of the zone's root under /run/lofizone.</summary>
    /// <exception cref="LofizoneException">The kernel or the file system does not support ID-mapped mounts.</exception>
    public Task CloneRootAsync(ZoneLaunch launch, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        RootClone.Attach(_context, launch);
        return Task.CompletedTask;
    }

    /// <summary>Undoes <see cref="CloneRootAsync"/>.</summary>
    /// <exception cref="LofizoneException">The clone is in use.</exception>
    public Task RemoveRootCloneAsync(string name, CancellationToken cancellation = default) =>
        RootClone.DetachAsync(_context, name, cancellation);

    /// <summary>
    /// Makes the zone's namespaces, cgroups and init. Init waits for <see cref="StartAsync"/>. The remains of an earlier attempt are
    /// removed first.
    /// </summary>
    /// <exception cref="LofizoneException">crun failed; the message holds crun's own words.</exception>
    public async Task CreateAsync(ZoneLaunch launch, CancellationToken cancellation = default)
    {
        await using ContainerCreation creation = BeginCreate(launch);
        await creation.FinishAsync(cancellation);
    }

    /// <summary>
    /// Starts the supervisor that will make the zone's init, before the zone's root is mounted. <see cref="DeleteAsync"/> removes all that
    /// was made.
    /// </summary>
    public ContainerCreation BeginCreate(ZoneLaunch launch) => ContainerCreation.Begin(_context, launch);

    /// <summary>Gives a created zone its interfaces <c>net0</c>, <c>net1</c>, … for its net resources, beside its <c>lo</c>.</summary>
    /// <exception cref="LofizoneException">A physical interface does not exist, or an address is refused.</exception>
    public Task PlumbNetworkAsync(ZoneLaunch launch, CancellationToken cancellation = default) =>
        new ZoneNetwork(programs, host).PlumbAsync(launch.Name, launch.Net, Init(launch.Name), cancellation);

    /// <summary>Undoes the host's part of <see cref="PlumbNetworkAsync"/>.</summary>
    public Task UnplumbNetworkAsync(string name, CancellationToken cancellation = default) =>
        new ZoneNetwork(programs, host).UnplumbAsync(name, cancellation);

    /// <summary>Lets a created zone's init run.</summary>
    /// <exception cref="LofizoneException">The zone is not created, or init can't be executed.</exception>
    public async Task StartAsync(string name, CancellationToken cancellation = default)
    {
        RuntimePaths paths = _context.Paths(name);
        ZoneLaunch launch = _context.Launch(name);
        ZoneCgroups cgroups = _context.CgroupsOf(paths);
        cgroups.Limits.Write(name, launch.Controls, HostCapacity.OfHost);
        cgroups.Delegate(launch.UidBase);
        OomPreference.Give(Init(name));
        if (launch.Controls.HasIpcLimits)
            IpcLimits.Write(name, Init(name), launch.UidBase, launch.Controls);
        await _context.RunCrunAsync(paths, ["start", name], cancellation);
        await WaitForInitAsync(paths, cancellation);
    }

    /// <summary>
    /// Waits until init runs. crun returns when it has told the container's process to become init. Until the process has, no process can
    /// enter the zone, and init can't be asked to end.
    /// </summary>
    private async Task WaitForInitAsync(RuntimePaths paths, CancellationToken cancellation)
    {
        int init = RuntimeProcesses.Read(paths).InitPid;
        long start = _context.Time.GetTimestamp();
        while (init > 0 && !RuntimeProcesses.HasBecomeInit(init) && _context.Time.GetElapsedTime(start) < _initLimit)
            await Task.Delay(_initPoll, _context.Time, cancellation);
    }

    /// <summary>Removes all of the runtime's state of a zone, also a running zone itself.</summary>
    /// <exception cref="LofizoneException">A part is in use or does not end in time. The call may be repeated.</exception>
    public Task DeleteAsync(string name, CancellationToken cancellation = default) => new Teardown(_context, name).RunAsync(cancellation);

    /// <summary>Removes the cgroup of an ended supervisor. Processes that were started in the cgroup have left it.</summary>
    public Task RemoveSupervisorCgroupAsync(string name, CancellationToken cancellation = default) =>
        OwnCgroup.OfSupervisor(host, name).RemoveAsync(time, cancellation);

    /// <summary>The state according to files and /proc. Starts no process.</summary>
    public RuntimeState State(string name) => RuntimeProcesses.Read(_context.Paths(name));

    /// <summary>
    /// The zone's end; null while the zone lives, or when the runtime has no state of it. <see cref="DeleteAsync"/> removes the record.
    /// </summary>
    public ZoneExit? ReadExit(string name)
    {
        if (ZoneExit.Read(_context.Paths(name)) is { } exit)
            return exit;
        RuntimeState state = State(name);
        return state.Phase == RuntimePhase.Stopped && state.ConmonPid == 0 ? new ZoneExit(ExitKind.Unknown, -1) : null;
    }

    /// <summary>
    /// Watches an init that was just started until its own start has succeeded, for a second at most. Returns init's end; null when init
    /// lives.
    /// </summary>
    public Task<ZoneExit?> WatchInitAsync(string name, CancellationToken cancellation = default) =>
        new InitWatch(_context, name).RunAsync(cancellation);

    /// <summary>Asks a running zone's init for its progress.</summary>
    public Task<InitReadiness> AskInitAsync(string name, CancellationToken cancellation = default) =>
        new InitQuestions(_context, name).AskAsync(cancellation);

    /// <summary>Names of the units of a zone's systemd that have failed, and of those that it is starting; the first of each.</summary>
    public async Task<(
        IReadOnlyList<string> Failed, IReadOnlyList<string> UnderWay)> UnitsAsync(string name, CancellationToken cancellation = default)
    {
        InitQuestions questions = new(_context, name);
        return (await questions.FailedUnitsAsync(cancellation), await questions.UnitsUnderWayAsync(cancellation));
    }

    /// <summary>Asks the zone's init to shut down, and kills it when <paramref name="limit"/> has passed.</summary>
    public Task<ShutdownOutcome> ShutdownAsync(string name, TimeSpan limit, CancellationToken cancellation = default) =>
        new ZoneShutdown(_context, name).RunAsync(limit, cancellation);

    /// <summary>Kills the zone at once. Does nothing when the zone does not run.</summary>
    public async Task KillAsync(string name, CancellationToken cancellation = default) =>
        _ = await new Teardown(_context, name).KillInitAsync(cancellation);

    /// <summary>
    /// Runs a command (root's login shell when empty) in a running zone. Its streams are relayed to and from this process's.
    /// </summary>
    /// <param name="name">The zone.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="terminal">Give the command a terminal of the zone, connected to this process's terminal.</param>
    /// <param name="streams">The user's streams; null for the standard streams of this process.</param>
    /// <param name="cancellation">Ends the command.</param>
    /// <returns>The command's exit code; 128 + signal number when a signal ended it.</returns>
    public Task<int> ExecAsync(
        string name, IReadOnlyList<string> command, bool terminal, LoginStreams? streams = null,
        CancellationToken cancellation = default) =>
        LoginAsync(name, new LoginRequest { Command = command, Terminal = terminal }, streams, cancellation);

    /// <summary>Runs what a login asks for in a running zone. Its streams are relayed to and from this process's.</summary>
    /// <returns>The command's exit code; 128 + signal number when a signal ended it; 0 when the user left by the escape.</returns>
    public Task<int> LoginAsync(
        string name, LoginRequest request, LoginStreams? streams = null, CancellationToken cancellation = default) =>
        new ZoneLogin(_context, name, streams ?? LoginStreams.Standard).RunAsync(request, cancellation);

    /// <summary>Connects a terminal to the zone's console.</summary>
    public Task<int> ConsoleAsync(
        string name, ConsoleStreams? streams = null, ConsoleOptions? options = null, CancellationToken cancellation = default) =>
        new ZoneConsole(_context, name, streams ?? ConsoleStreams.Standard, options ?? new ConsoleOptions()).RunAsync(cancellation);

    private int Init(string name) => State(name) is { InitPid: > 0 } state
        ? state.InitPid
        : throw new LofizoneException($"zone {name}: not running", $"boot it: zone boot {name}");
}
