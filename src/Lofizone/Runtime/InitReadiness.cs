namespace Lofizone.Runtime;

/// <summary>How far a zone's init is with the start of the zone.</summary>
public enum InitPhase
{
    /// <summary>The zone is up: its init says so, or is one that says nothing and lives.</summary>
    Ready,

    /// <summary>The zone is up, some of its services have failed.</summary>
    Degraded,

    /// <summary>It is still starting, or does not answer yet.</summary>
    Starting,

    /// <summary>It has given its start up: a rescue or emergency shell.</summary>
    Stuck,

    /// <summary>It is shutting the zone down, or has ended.</summary>
    Ending,
}

/// <summary>What an init says of the start of its zone.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="Said">Its own word for that, fit for a message.</param>
public sealed record InitReadiness(InitPhase Phase, string Said)
{
    /// <summary>The words of <c>systemctl is-system-running</c>.</summary>
    internal static InitReadiness OfSystemd(string said) => new(
        said switch
        {
            "running" => InitPhase.Ready,
            "degraded" => InitPhase.Degraded,
            "maintenance" => InitPhase.Stuck,
            "stopping" => InitPhase.Ending,
            // Before its bus answers systemctl says "offline", "unknown", or nothing.
            _ => InitPhase.Starting,
        },
        said.Length > 0 ? said : "nothing yet");
}
