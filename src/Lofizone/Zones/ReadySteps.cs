using Lofizone.Config;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Steps that several operations share and that mount a zone without booting it. While they run, the zone is <c>ready</c>. After a kill the
/// zone is <c>down</c>, and the next command on the zone cleans up, as after a boot.
/// </summary>
internal static class ReadySteps
{
    /// <summary>The first step, before the image is attached.</summary>
    public static Step Ready(ZoneHost host, ZoneConfig config) => new(
        "ready",
        "take a zone ID",
        Step.Now(() => host.Index.SaveRun(
            config.Name,
            new ZoneRun { Id = host.Index.NextId(), Phase = ZoneState.Ready, BootedAt = host.Time.GetUtcNow(), Config = config })),
        Step.Now(() => host.Index.DeleteRun(config.Name)))
    {
        KeepUnlessAllUndone = true,
    };

    /// <summary>The last step.</summary>
    public static Step Forget(ZoneHost host, ZoneConfig config) =>
        new("forget", "release the zone ID", Step.Now(() => host.Index.DeleteRun(config.Name)));
}
