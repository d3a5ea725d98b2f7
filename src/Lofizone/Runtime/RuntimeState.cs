using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>How far the runtime is with a zone.</summary>
public enum RuntimePhase
{
    /// <summary>The runtime knows nothing of the zone.</summary>
    Absent,

    /// <summary>Namespaces exist, init waits for the start.</summary>
    Created,

    Running,

    /// <summary>Init has ended (or never came to be); files, cgroups or mounts may be left.</summary>
    Stopped,
}

/// <summary>What files and /proc say of a zone.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="InitPid">Process ID of the zone's init on the host; 0 when it doesn't live.</param>
/// <param name="InitStartTicks">When init started, clock ticks after the host's boot (proc(5), stat field 22).</param>
/// <param name="ConmonPid">Process ID of the supervisor; 0 when it doesn't live.</param>
public sealed record RuntimeState(RuntimePhase Phase, int InitPid, long InitStartTicks, int ConmonPid);

/// <summary>Why a zone ended.</summary>
public enum ExitKind
{
    /// <summary>Nobody saw it: the supervisor was killed.</summary>
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

/// <summary>How a zone ended.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Code">Exit code of init; 128 + signal number when a signal ended it.</param>
public sealed record ZoneExit(ExitKind Kind, int Code)
{
    // reboot(2) in a PID namespace ends init with SIGHUP for a restart and SIGINT for a halt (pid_namespaces(7)).
    private const int RestartCode = 128 + 1;
    private const int HaltCode = 128 + 2;
    private const int SignalBase = 128;

    /// <summary>As conmon wrote it down; null when it has not.</summary>
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
            // Taken away by another command.
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

/// <summary>How a shutdown went.</summary>
public enum ShutdownOutcome
{
    NotRunning,

    /// <summary>Init ended by itself within the limit.</summary>
    Clean,

    /// <summary>The limit passed and the zone was killed.</summary>
    Killed,
}
