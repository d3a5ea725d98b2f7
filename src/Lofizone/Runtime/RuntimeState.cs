using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>Phase of a zone in the runtime.</summary>
public enum RuntimePhase
{
    /// <summary>The runtime has no state of the zone.</summary>
    Absent,

    /// <summary>The namespaces exist, and init waits for the start.</summary>
    Created,

    Running,

    /// <summary>Init has ended, or was never made. Files, cgroups or mounts may be left.</summary>
    Stopped,
}

/// <summary>The state of a zone, according to files and /proc.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="InitPid">Process ID of the zone's init on the host; 0 when init does not live.</param>
/// <param name="InitStartTicks">Start time of init, clock ticks after the host's boot (proc_pid_stat(5), field 22).</param>
/// <param name="ConmonPid">Process ID of the supervisor; 0 when the supervisor does not live.</param>
public sealed record RuntimeState(RuntimePhase Phase, int InitPid, long InitStartTicks, int ConmonPid);

/// <summary>Reason of a zone's end.</summary>
public enum ExitKind
{
    /// <summary>The reason is not known, because the supervisor was killed.</summary>
    Unknown,

    /// <summary>The zone powered itself off.</summary>
    Halted,

    /// <summary>The zone asked for a reboot.</summary>
    Rebooted,

    /// <summary>Init exited with a code.</summary>
    Exited,

    /// <summary>Init was ended by a signal.</summary>
    Killed,
}

/// <summary>End of a zone.</summary>
/// <param name="Kind">The reason.</param>
/// <param name="Code">Exit code of init; 128 + signal number when a signal ended it.</param>
public sealed record ZoneExit(ExitKind Kind, int Code)
{
    // reboot(2) in a PID namespace ends init with SIGHUP for a restart and SIGINT for a halt (pid_namespaces(7)).
    private const int RestartCode = 128 + 1;
    private const int HaltCode = 128 + 2;
    private const int SignalBase = 128;

    /// <summary>The end as conmon has written it down; null when conmon has not.</summary>
    internal static ZoneExit? Read(RuntimePaths paths)
    {
        try
        {
            return File.Exists(paths.Exit)
                && int.TryParse(File.ReadAllText(paths.Exit).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int code)
                ? FromCode(code)
                : null;
        }
        catch (IOException)
        {
            // Another command has removed the file.
            return null;
        }
    }

    public static ZoneExit FromCode(int code) => new(
        code switch
        {
            RestartCode => ExitKind.Rebooted,
            HaltCode => ExitKind.Halted,
            > SignalBase => ExitKind.Killed,
            _ => ExitKind.Exited,
        },
        code);
}

/// <summary>Outcome of a shutdown.</summary>
public enum ShutdownOutcome
{
    NotRunning,

    /// <summary>Init ended by itself within the limit.</summary>
    Clean,

    /// <summary>The limit passed, and the zone was killed.</summary>
    Killed,
}
