using Lofizone.Hosts;
using Lofizone.Network;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>
/// Runs zones: crun makes and starts them, conmon watches them. Every method works from the zone's name and the files under
/// /run/lofizone alone, so that a process that was killed can be followed by another one; every removing method may be repeated.
/// </summary>
/// <param name="host">Where this host keeps things.</param>
/// <param name="programs">Starts crun, conmon, ip.</param>
/// <param name="zoneBinary">Absolute path of the zone binary, which knows the roles of <see cref="Launcher"/>.</param>
/// <param name="time">The clock of all deadlines.</param>
public sealed class ZoneRuntime(HostPaths host, IProgramRunner programs, string zoneBinary, TimeProvider time)
{
    private static readonly string[] _needed = ["crun", "conmon", "ip", "nsenter", "setsid", "blkid"];

    private static readonly TimeSpan _initLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _initPoll = TimeSpan.FromMilliseconds(2);

    private readonly RuntimeContext _context = new(host, programs, zoneBinary, time);

    /// <summary>Checks that zones can run here, before anything is changed.</summary>
    /// <param name="more">Programs that a zone needs besides.</param>
    /// <exception cref="LofizoneException">A program is missing, or this is not root.</exception>
    public void PreCheck(params IEnumerable<string> more)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new LofizoneException("zones can be run by root only", "run the command with sudo");
        MissingProgram.Require(programs, [.. _needed, .. more]);
    }

    /// <summary>Mounts the ID-mapped clone of the zone's root under /run/lofizone.</summary>
    /// <exception cref="LofizoneException">The kernel or the file system can't.</exception>
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
    /// Makes the zone's namespaces, cgroups and its init, which waits for <see cref="StartAsync"/>; what an earlier attempt left goes
    /// first.
    /// </summary>
    /// <exception cref="LofizoneException">With crun's own words.</exception>
    public Task CreateAsync(ZoneLaunch launch, CancellationToken cancellation = default) =>
        new ContainerCreation(_context, launch).RunAsync(cancellation);

    /// <summary>Gives a created zone its interfaces: <c>lo</c>, and <c>net0</c>, <c>net1</c>, … for its net resources.</summary>
    /// <exception cref="LofizoneException">A physical interface doesn't exist, an address is refused.</exception>
    public Task PlumbNetworkAsync(ZoneLaunch launch, CancellationToken cancellation = default) =>
        new ZoneNetwork(programs, host).PlumbAsync(launch.Name, launch.Net, Init(launch.Name), cancellation);

    /// <summary>Undoes <see cref="PlumbNetworkAsync"/> as far as the host sees it.</summary>
    public Task UnplumbNetworkAsync(string name, CancellationToken cancellation = default) =>
        new ZoneNetwork(programs, host).UnplumbAsync(name, cancellation);

    /// <summary>Lets a created zone's init run.</summary>
    /// <exception cref="LofizoneException">It is not created, or init can't be executed.</exception>
    public async Task StartAsync(string name, CancellationToken cancellation = default)
    {
        RuntimePaths paths = _context.Paths(name);
        _context.CgroupsOf(paths).Delegate(_context.Launch(name).UidBase);
        await _context.RunCrunAsync(paths, ["start", name], cancellation);
        await WaitForInitAsync(paths, cancellation);
    }

    /// <summary>
    /// crun returns when it has told the container's process to become init; until it has, nobody can enter the zone or ask it to end.
    /// </summary>
    private async Task WaitForInitAsync(RuntimePaths paths, CancellationToken cancellation)
    {
        int init = RuntimeProcesses.Read(paths).InitPid;
        long start = _context.Time.GetTimestamp();
        while (init > 0 && !RuntimeProcesses.HasBecomeInit(init) && _context.Time.GetElapsedTime(start) < _initLimit)
            await Task.Delay(_initPoll, _context.Time, cancellation);
    }

    /// <summary>Takes away all that the runtime has of a zone, a running zone itself too.</summary>
    /// <exception cref="LofizoneException">Something is in use or doesn't end in time; it may be called again.</exception>
    public Task DeleteAsync(string name, CancellationToken cancellation = default) => new Teardown(_context, name).RunAsync(cancellation);

    /// <summary>Takes away the cgroup of a supervisor that has ended. Whoever was started in it has left it before.</summary>
    public Task RemoveSupervisorCgroupAsync(string name, CancellationToken cancellation = default) =>
        OwnCgroup.OfSupervisor(host, name).RemoveAsync(time, cancellation);

    /// <summary>What files and /proc say; starts no process.</summary>
    public RuntimeState State(string name) => RuntimeProcesses.Read(_context.Paths(name));

    /// <summary>
    /// How the zone ended; null while it lives or when the runtime knows nothing of it. <see cref="DeleteAsync"/> forgets it.
    /// </summary>
    public ZoneExit? ReadExit(string name)
    {
        if (ZoneExit.Read(_context.Paths(name)) is { } exit)
            return exit;
        RuntimeState state = State(name);
        return state.Phase == RuntimePhase.Stopped && state.ConmonPid == 0 ? new ZoneExit(ExitKind.Unknown, -1) : null;
    }

    /// <summary>
    /// Watches an init that was just started until it has got through its start, a second at most; how it ended, null when it lives.
    /// </summary>
    public Task<ZoneExit?> WatchInitAsync(string name, CancellationToken cancellation = default) =>
        new InitWatch(_context, name).RunAsync(cancellation);

    /// <summary>Asks a running zone's init how far it is with its start.</summary>
    public Task<InitReadiness> AskInitAsync(string name, CancellationToken cancellation = default) =>
        new InitQuestions(_context, name).AskAsync(cancellation);

    /// <summary>Names of units of a zone's systemd that have failed, and of those that it is starting; the first few.</summary>
    public async Task<(
        IReadOnlyList<string> Failed, IReadOnlyList<string> UnderWay)> UnitsAsync(string name, CancellationToken cancellation = default)
    {
        InitQuestions questions = new(_context, name);
        return (await questions.FailedUnitsAsync(cancellation), await questions.UnitsUnderWayAsync(cancellation));
    }

    /// <summary>Asks the zone's init to shut down, and kills it when <paramref name="limit"/> has passed.</summary>
    public Task<ShutdownOutcome> ShutdownAsync(string name, TimeSpan limit, CancellationToken cancellation = default) =>
        new ZoneShutdown(_context, name).RunAsync(limit, cancellation);

    /// <summary>Kills all of the zone at once; does nothing when it doesn't run.</summary>
    public async Task KillAsync(string name, CancellationToken cancellation = default) =>
        _ = await new Teardown(_context, name).KillInitAsync(cancellation);

    /// <summary>Runs a command (root's login shell when empty) in a running zone; its streams are relayed to and from ours.</summary>
    /// <param name="name">The zone.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="terminal">Give the command a terminal of the zone's, connected to ours.</param>
    /// <param name="streams">Ours; null for the standard streams of this process.</param>
    /// <param name="cancellation">Ends the command.</param>
    /// <returns>The command's exit code; 128 + signal number when a signal ended it.</returns>
    public Task<int> ExecAsync(
        string name, IReadOnlyList<string> command, bool terminal, LoginStreams? streams = null,
        CancellationToken cancellation = default) =>
        new ZoneLogin(_context, name, streams ?? LoginStreams.Standard).RunAsync(command, terminal, cancellation);

    /// <summary>Connects a terminal to the zone's console until the zone ends or the user types <c>~.</c> at the start of a line.</summary>
    public Task<int> ConsoleAsync(string name, ConsoleStreams? streams = null, CancellationToken cancellation = default) =>
        new ZoneConsole(_context, name, streams ?? ConsoleStreams.Standard).RunAsync(cancellation);

    private int Init(string name) => State(name) is { InitPid: > 0 } state
        ? state.InitPid
        : throw new LofizoneException($"zone {name}: not running", $"boot it: zone boot {name}");
}
