using Lofizone.Nfs.Rpc;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>One address of the server, with the facts that the address's connections share. Guarded by the session's gate.</summary>
internal sealed class NfsPath(IRpcConnector connector)
{
    public IRpcConnector Connector { get; } = connector;

    /// <summary>
    /// A connection of this path was once part of this client's session. As far as the client knows, the path therefore leads to the right
    /// server.
    /// </summary>
    public bool IsProven { get; set; }

    /// <summary>The server behind this path did not know the session of this process's predecessor.</summary>
    public bool DeniesSession { get; set; }

    /// <summary>Address of the path that has the session, when this path turned out to lead to another server; null otherwise.</summary>
    public string? DiffersFrom { get; set; }
}
