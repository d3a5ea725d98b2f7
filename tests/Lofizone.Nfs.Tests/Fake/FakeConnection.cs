namespace Lofizone.Nfs.Tests.Fake;

/// <summary>The server's end of a connection.</summary>
internal interface IFakeConnection
{
    /// <summary>Sends bytes to the client, as they are.</summary>
    /// <param name="bytes">Record mark included.</param>
    /// <param name="onDelivered">Called when the client has received the last of them.</param>
    void Reply(byte[] bytes, Action? onDelivered = null);

    void Shutdown();
}
