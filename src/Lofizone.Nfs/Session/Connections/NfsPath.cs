using Lofizone.Nfs.Rpc;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>One address of the server; its connections share what is known of it. Guarded by the session's gate.</summary>
internal sealed class NfsPath(IRpcConnector connector)
{
    public IRpcConnector Connector { get; } = connector;

    /// <summary>A connection of this path was part of our session once, so it leads to our server, as far as is known.</summary>
    public bool IsProven { get; set; }

    /// <summary>Its server did not know the session of this process's predecessor.</summary>
    public bool DeniesSession { get; set; }

    /// <summary>Address of the path that has the session, when this one turned out to lead to another server; null otherwise.</summary>
    public string? DiffersFrom { get; set; }
}
