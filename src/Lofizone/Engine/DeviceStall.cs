namespace Lofizone.Engine;

/// <summary>Reason why a device's I/O waits.</summary>
public enum StallKind
{
    /// <summary>The device's server gives no sign of life.</summary>
    Silent,

    /// <summary>The device's share has no room for the written data; the server answers.</summary>
    Held,
}

/// <summary>A device that works, but whose I/O waits for an unknown time.</summary>
/// <param name="Kind">The reason.</param>
/// <param name="Because">The server's words for a share without room; empty for other reasons.</param>
/// <param name="Since">Time at which the wait began; null when that is not known.</param>
public sealed record DeviceStall(StallKind Kind, string Because = "", DateTimeOffset? Since = null)
{
    /// <summary>The stall in words, to stand behind the name of a zone or device.</summary>
    public override string ToString()
    {
        string since = Since is { } at
            ? $" since {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"
            : "";
        return Kind == StallKind.Silent ? $"its server does not answer{since}"
            : $"its share is full{since}{(Because.Length > 0 ? $" ({Because})" : "")}";
    }

    /// <summary>The action that ends the stall.</summary>
    public string Cure => Kind == StallKind.Silent ? "wait for the server" : "make room on the share";

    /// <summary>The stall that an engine's status reports; null when the engine's requests go on.</summary>
    internal static DeviceStall? Of(EngineStatus? status) =>
        status is null or { Answers: false } ? new DeviceStall(StallKind.Silent, "", status?.UnreachableSince)
        : status.HeldSince is { } since ? new DeviceStall(StallKind.Held, status.HeldBecause ?? "", since)
        : null;
}
