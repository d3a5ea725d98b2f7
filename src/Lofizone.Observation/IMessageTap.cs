namespace Lofizone.Observation;

/// <summary>
/// Gets the messages of one layer while the tap is on. A layer checks <see cref="IsOn"/> first, so that a tap that is off costs one branch
/// per message.
/// </summary>
public interface IMessageTap
{
    /// <summary>True while the tap gets messages. The value may change at any time, so the tap may get a reply without its call.</summary>
    bool IsOn { get; }

    /// <summary>
    /// Called on the thread that sends or receives. The method copies the parts that it needs, never waits and never throws.
    /// </summary>
    void Take(in TappedMessage message);
}

/// <summary>Direction of a message.</summary>
public enum MessageKind
{
    Call,
    Reply,
}

/// <summary>One message on its way.</summary>
public readonly ref struct TappedMessage
{
    public required MessageKind Kind { get; init; }

    /// <summary>
    /// The encoded message, or its beginning where the layer has only the beginning. The layer leaves out the data of reads and writes
    /// where it can.
    /// </summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>Size of the whole message on the wire, bytes.</summary>
    public required int TotalBytes { get; init; }

    /// <summary>Name of the message's connection; empty in a layer with a single connection.</summary>
    public string Route { get => field ?? ""; init; }

    /// <summary>
    /// True when data of reads and writes, with its padding, is missing in <see cref="Bytes"/>. The lengths before the data are there.
    /// </summary>
    public bool DataLeftOut { get; init; }
}
