namespace Lofizone.Nfs.Tests.Fake;

/// <summary>The server's end of a connection.</summary>
internal interface IFakeConnection
{
    /// <summary>Sends bytes to the client.</summary>
    /// <param name="bytes">The bytes, record mark included.</param>
    /// <param name="onDelivered">Called when the client has received the last byte.</param>
    void Reply(byte[] bytes, Action? onDelivered = null);

    void Shutdown();
}
