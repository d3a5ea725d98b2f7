namespace Lofizone.Nfs.Session.Calls;

/// <summary>The connection that a call was sent over, as far as it concerns the call.</summary>
internal interface ICallRoute
{
    /// <summary>No thread of the connection knows a call any more. The session's gate is held.</summary>
    bool IsDown { get; }

    /// <summary>The call is not on the connection any more. The session's gate is held.</summary>
    void Remove(CompoundCall call);

    /// <summary>Ends the connection.</summary>
    void Shutdown();
}
