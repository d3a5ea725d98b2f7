using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Zones;

/// <summary>
/// conmon runs this notice when a zone's init has ended. The notice must not wait for the process that it starts: taking the zone down
/// includes waiting for conmon's end.
/// </summary>
public static class ExitNotice
{
    /// <summary>Hidden verb that conmon runs: <c>zone exited ROOT NAME</c>.</summary>
    public const string Verb = "exited";

    /// <summary>Hidden verb that does the work, in its own session: <c>zone settle ROOT NAME</c>.</summary>
    public const string SettleVerb = "settle";

    /// <summary>
    /// Hidden verb run when a device's image is lost to another host: <c>zone fenced ROOT NUMBER</c> stops the device's zone.
    /// </summary>
    public const string FencedVerb = EngineFence.Verb;

    /// <summary>
    /// Called first by the process that does the work, because that process removes the supervisor's cgroup, in which it was started.
    /// </summary>
    public static void LeaveSupervisor() => OwnCgroup.Leave();
}
