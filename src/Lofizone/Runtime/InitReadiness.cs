namespace Lofizone.Runtime;

/// <summary>Progress of a zone's init with the start of the zone.</summary>
public enum InitPhase
{
    /// <summary>The zone is up: its init says so, or its init lives and is of a kind that says nothing.</summary>
    Ready,

    /// <summary>The zone is up, but some of its services have failed.</summary>
    Degraded,

    /// <summary>Init is still starting the zone, or does not answer yet.</summary>
    Starting,

    /// <summary>Init has given up the start: a rescue or emergency shell.</summary>
    Stuck,

    /// <summary>Init is shutting the zone down, or has ended.</summary>
    Ending,
}

/// <summary>An init's answer about the start of its zone.</summary>
/// <param name="Phase">Progress of the start.</param>
/// <param name="Said">Init's own word for that, safe for a message.</param>
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
            // Before systemd's bus answers, systemctl says "offline", "unknown", or nothing.
            _ => InitPhase.Starting,
        },
        said.Length > 0 ? said : "nothing yet");
}
