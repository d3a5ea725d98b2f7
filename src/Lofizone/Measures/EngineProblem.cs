using Lofizone.Devices;
using Lofizone.Engine;

namespace Lofizone.Measures;

/// <summary>The problem of a device or its engine, in the words that every command uses.</summary>
public static class EngineProblem
{
    /// <summary>The problem; null when there is none.</summary>
    /// <param name="device">The device.</param>
    /// <param name="status">The engine's status; null when there is no engine or it did not answer.</param>
    public static string? Of(LofiDevice device, EngineStatus? status) =>
        device.Health != LofiHealth.Ok ? Of(device.Health)
        : device.AwaySince is { } away ? Unreachable(away)
        : device.Engine is null ? null
        : status is null ? "engine: does not answer"
        : Of(status);

    /// <summary>The problem that the engine itself reports; null when there is none.</summary>
    public static string? Of(EngineStatus status)
    {
        if (status.Fenced)
            return $"engine: fenced{(status.FencedBecause is { } why ? $" ({why})" : "")}";
        if (status.UnreachableSince is { } since)
            return Unreachable(since);
        if (!status.Connected)
            return "server: not connected";
        if (status.HeldBecause is not null || status.HeldSince is not null)
            return $"share: {status.HeldBecause ?? "full"}, writing is "
            + $"held{(status.HeldSince is { } held ? $" since {held.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "")}";
        int down = status.Paths.Count(p => !p.Connected);
        return down > 0 ? $"paths: {down} of {status.Paths.Count} down" : null;
    }

    private static string Unreachable(DateTimeOffset since) => $"server: unreachable since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";

    private static string Of(LofiHealth health) => health switch
    {
        LofiHealth.EngineDead => "engine: has ended",
        LofiHealth.Fenced => "image: fenced, another host took it",
        LofiHealth.LoopGone => "loop device: taken away",
        _ => "device: attach or detach unfinished",
    };
}
