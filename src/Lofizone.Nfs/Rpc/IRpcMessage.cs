using Lofizone.Observation;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// A call as the sender of a connection sees the call: encoded bytes, which the sender may read until it calls <see cref="OnSent"/>.
/// </summary>
internal interface IRpcMessage
{
    /// <summary>Number of all bytes, with record mark and padding.</summary>
    int TotalBytes { get; }

    /// <summary>The rest of request, data and padding behind <paramref name="sent"/> bytes.</summary>
    void Unsent(int sent, out ReadOnlySpan<byte> header, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> padding);

    /// <summary>The sender has sent all bytes, or gives up. The sender reads no byte of the call afterwards.</summary>
    void OnSent();

    /// <summary>Shows the call to the tap before it is sent, without the data of any WRITE.</summary>
    void Show(IMessageTap tap, string route);
}
