namespace Lofizone.Observation;

/// <summary>
/// Sees the messages of one layer while it is on. A layer asks <see cref="IsOn"/> first: off, a message costs that one branch.
/// </summary>
public interface IMessageTap
{
    /// <summary>May change at any time, so that a reply may come of which the call was not seen.</summary>
    bool IsOn { get; }

    /// <summary>Called on the thread that sends or receives; copies what it needs, never waits and never throws.</summary>
    void Take(in TappedMessage message);
}

/// <summary>Which way a message goes.</summary>
public enum MessageKind
{
    Call,
    Reply,
}

/// <summary>One message as it goes by.</summary>
public readonly ref struct TappedMessage
{
    public required MessageKind Kind { get; init; }

    /// <summary>
    /// The encoded message; ends early where only its beginning was at hand. Data of reads and writes stays out wherever it can.
    /// </summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>What it has on the wire, bytes.</summary>
    public required int TotalBytes { get; init; }

    /// <summary>Connection it goes over; empty where there is one only.</summary>
    public string Route { get => field ?? ""; init; }

    /// <summary>Data of reads and writes is missing in <see cref="Bytes"/>, with its padding; the lengths before it are there.</summary>
    public bool DataLeftOut { get; init; }
}
