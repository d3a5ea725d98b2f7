namespace Lofizone.Nfs.Session.Calls;

/// <summary>The connection that a call was sent over, as the call sees the connection.</summary>
internal interface ICallRoute
{
    /// <summary>No thread of the connection uses a call any more. The session's gate is held.</summary>
    bool IsDown { get; }

    /// <summary>Takes the call off the connection. The session's gate is held.</summary>
    void Remove(CompoundCall call);

    /// <summary>Ends the connection.</summary>
    void Shutdown();
}
