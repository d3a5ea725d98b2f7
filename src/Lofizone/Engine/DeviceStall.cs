namespace Lofizone.Engine;

/// <summary>Why a device's I/O waits.</summary>
public enum StallKind
{
    /// <summary>Its server gives no sign of life.</summary>
    Silent,

    /// <summary>Its share has no room for what is written; the server answers.</summary>
    Held,
}

/// <summary>A device that works, but whose I/O waits now: for how long, nobody can say.</summary>
/// <param name="Kind">For what.</param>
/// <param name="Because">The server's words for a share without room; empty otherwise.</param>
/// <param name="Since">Since when; null when that is not known.</param>
public sealed record DeviceStall(StallKind Kind, string Because = "", DateTimeOffset? Since = null)
{
    /// <summary>In words, to stand behind the name of a zone or device.</summary>
    public override string ToString()
    {
        string since = Since is { } at
            ? $" since {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"
            : "";
        return Kind == StallKind.Silent ? $"its server does not answer{since}"
            : $"its share is full{since}{(Because.Length > 0 ? $" ({Because})" : "")}";
    }

    /// <summary>What ends it in order.</summary>
    public string Cure => Kind == StallKind.Silent ? "wait for the server" : "make room on the share";

    /// <summary>What an engine says of itself; null when its requests go on.</summary>
    internal static DeviceStall? Of(EngineStatus? status) =>
        status is null or { Answers: false } ? new DeviceStall(StallKind.Silent, "", status?.UnreachableSince)
        : status.HeldSince is { } since ? new DeviceStall(StallKind.Held, status.HeldBecause ?? "", since)
        : null;
}
