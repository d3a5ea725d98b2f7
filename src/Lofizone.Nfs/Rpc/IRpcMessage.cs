using Lofizone.Observation;

namespace Lofizone.Nfs.Rpc;

/// <summary>A call as the sender of a connection sees it: encoded bytes that it may read until it lets go of them.</summary>
internal interface IRpcMessage
{
    /// <summary>All bytes, record mark and padding included.</summary>
    int TotalBytes { get; }

    /// <summary>What is left of request, data and padding behind <paramref name="sent"/> bytes.</summary>
    void Unsent(int sent, out ReadOnlySpan<byte> header, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> padding);

    /// <summary>The sender has sent all bytes, or gives up, and reads none from here on.</summary>
    void OnSent();

    /// <summary>Shows the call as it is about to be sent, without any WRITE's data.</summary>
    void Show(IMessageTap tap, string route);
}
