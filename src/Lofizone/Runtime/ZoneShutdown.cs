using Lofizone.Basics;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>Shuts a zone down in the way that its init understands.</summary>
internal sealed class ZoneShutdown(RuntimeContext context, string zone)
{
    private const int SigUsr2 = 12;

    /// <summary>SIGRTMIN as programs number it: glibc reserves the first two real-time signals (signal(7)).</summary>
    private const int SigRtMin = 34;

    /// <summary>Pauses between the requests.</summary>
    private static readonly BackOff _pauses = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    /// <summary>Time for the program in the zone that passes the request to init.</summary>
    private static readonly TimeSpan _askLimit = TimeSpan.FromSeconds(10);

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task<ShutdownOutcome> RunAsync(TimeSpan limit, CancellationToken cancellation)
    {
        RuntimeState state = RuntimeProcesses.Read(_paths);
        using ProcessHandle? init = state.InitPid > 0 ? ProcessHandle.Open(state.InitPid) : null;
        // The process is checked again once it is held, because its number may have passed to another process in between.
        if (init is null || RuntimeProcesses.Read(_paths).InitStartTicks != state.InitStartTicks)
            return ShutdownOutcome.NotRunning;
        if (state.Phase == RuntimePhase.Running)
        {
            long start = context.Time.GetTimestamp();
            int asked = 0;
            for (TimeSpan left = limit; left > TimeSpan.Zero; left = limit - context.Time.GetElapsedTime(start))
            {
                // An init that has just started does not listen yet, and the kernel drops signals that process 1 does not handle
                // (pid_namespaces(7)).
                await AskAsync(init, left, cancellation);
                TimeSpan pause = _pauses.After(asked++);
                if (await init.WaitAsync(pause < left ? pause : left, cancellation))
                    return ShutdownOutcome.Clean;
            }
        }

        await new Teardown(context, zone).KillInitAsync(cancellation);
        return ShutdownOutcome.Killed;
    }

    private async Task AskAsync(ProcessHandle init, TimeSpan limit, CancellationToken cancellation)
    {
        switch (InitKinds.Of(_paths, init))
        {
            case InitKind.Systemd:
                init.Signal(SigRtMin + 3);
                break;
            case InitKind.BusyBox:
                init.Signal(SigUsr2);
                break;
            default:
                // SIGINT would mean Ctrl-Alt-Del, which a sysvinit takes for a reboot.
                await RunInitAsync(limit, cancellation);
                break;
        }
    }

    /// <summary>Runs the zone's own program. Its exit code means nothing, and it may never end.</summary>
    private async Task RunInitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        ProgramCall call = context.Crun(_paths, "exec", zone, "/sbin/init", "0") with { TimeLimit = limit < _askLimit ? limit : _askLimit };
        try
        {
            _ = await context.Programs.RunAsync(call, cancellation);
        }
        catch (LofizoneException)
        {
            // Init is asked again, and is killed at the limit of the shutdown.
        }
    }
}
