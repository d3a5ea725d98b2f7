namespace Lofizone.Zones;

/// <summary>
/// State of a zone, as in zones(7): <c>configured incomplete installed</c> last over a reboot of the host,
/// <c>ready running shutting_down down</c> are the runtime's; <c>fenced</c> is ours.
/// </summary>
public enum ZoneState
{
    /// <summary>The configuration is complete and committed; no root yet.</summary>
    Configured,

    /// <summary>An install or uninstall began and did not end; only install and uninstall are allowed.</summary>
    Incomplete,

    /// <summary>The root is complete; the zone is not booted.</summary>
    Installed,

    /// <summary>Root mounted, network plumbed, no process of the zone yet.</summary>
    Ready,

    /// <summary>The zone's init runs.</summary>
    Running,

    /// <summary>The zone is being halted.</summary>
    ShuttingDown,

    /// <summary>
    /// The zone's processes are gone but its mounts, devices or cgroups are not yet, or it has lost its root under them: the next command
    /// on it tidies up.
    /// </summary>
    Down,

    /// <summary>
    /// Another host took the zone's image: the zone was stopped here, and nothing of it is written any more. Halt takes down what is left.
    /// </summary>
    Fenced,
}

public static class ZoneStateText
{
    /// <summary>The name zoneadm list prints.</summary>
    public static string Text(this ZoneState state) => state switch
    {
        ZoneState.Configured => "configured",
        ZoneState.Incomplete => "incomplete",
        ZoneState.Installed => "installed",
        ZoneState.Ready => "ready",
        ZoneState.Running => "running",
        ZoneState.ShuttingDown => "shutting_down",
        ZoneState.Down => "down",
        ZoneState.Fenced => "fenced",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "no state of zones(7)"),
    };

    /// <summary>True from the first step of a boot to the last of a halt: the image is attached.</summary>
    public static bool IsUp(this ZoneState state) => state >= ZoneState.Ready;
}
