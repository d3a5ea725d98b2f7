using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>The receiver of a connection's events. All members are called on the connection's thread.</summary>
internal interface IConnectionUser
{
    /// <summary>The connection is up. The thread receives from the connection next.</summary>
    /// <exception cref="IOException">The connection is not wanted any more.</exception>
    void OnConnected(NfsConnection connection);

    /// <summary>Waits for one reply and handles it. False when the connection has ended between two replies.</summary>
    /// <exception cref="IOException">The connection ended within a reply, or has to end.</exception>
    /// <exception cref="SessionLostException">The reply says that the session is gone.</exception>
    bool ReceiveOne(NfsConnection connection);

    void OnSessionLost(SessionLostException loss);

    /// <summary>Neither sender nor receiver of the connection touch a request any more.</summary>
    void OnClosed(NfsConnection connection);
}
