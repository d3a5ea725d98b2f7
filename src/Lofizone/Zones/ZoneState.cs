namespace Lofizone.Zones;

/// <summary>
/// State of a zone, as in zones(7). The states <c>configured incomplete installed</c> last over a reboot of the host. The states <c>ready
/// running shutting_down down</c> belong to the runtime. The state <c>fenced</c> is Lofizone's own.
/// </summary>
public enum ZoneState
{
    /// <summary>
    /// The zone is installed, and its share's server gave no answer to the last command that needed the share. Only listings show this
    /// state, because the next command may find the server back. No file holds it.
    /// </summary>
    Unavailable = -1,

    /// <summary>The configuration is complete and committed; the zone has no root yet.</summary>
    Configured,

    /// <summary>An install or uninstall began and did not end. Only install and uninstall are allowed.</summary>
    Incomplete,

    /// <summary>The root is complete; the zone is not booted.</summary>
    Installed,

    /// <summary>The root is mounted and the network is plumbed; no process of the zone runs yet.</summary>
    Ready,

    /// <summary>The zone's init runs.</summary>
    Running,

    /// <summary>The zone is being halted.</summary>
    ShuttingDown,

    /// <summary>
    /// The zone's processes are gone, but its mounts, devices or cgroups are not, or the processes have lost their root. The next command
    /// on the zone cleans up.
    /// </summary>
    Down,

    /// <summary>
    /// Another host took the zone's image. The zone was stopped on this host and writes no more to the image. Halt removes the rest.
    /// </summary>
    Fenced,
}

public static class ZoneStateText
{
    /// <summary>The state's name in zoneadm list.</summary>
    public static string Text(this ZoneState state) => state switch
    {
        ZoneState.Configured => "configured",
        ZoneState.Incomplete => "incomplete",
        ZoneState.Unavailable => "unavailable",
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
