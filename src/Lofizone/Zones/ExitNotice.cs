using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Zones;

/// <summary>
/// conmon runs this when a zone's init has ended. It must not wait for what it starts: taking the zone down includes waiting for conmon's
/// end.
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
    /// To be called first by the process that does the work: it removes the supervisor's cgroup, in which it was started.
    /// </summary>
    public static void LeaveSupervisor() => OwnCgroup.Leave();
}
