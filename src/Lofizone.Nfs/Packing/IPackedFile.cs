using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Packing;

/// <summary>What the READs and WRITEs of one file carry.</summary>
internal interface IPackedFile : ICallOwner
{
    /// <summary>The server has dropped the file's lock, and the lock is not taken again yet.</summary>
    bool IsLost { get; }

    byte[] Handle { get; }

    /// <summary>Absolute path on the server.</summary>
    string Path { get; }

    /// <summary>The state ID that reads and writes carry now.</summary>
    StateId StateId { get; }

    /// <summary>How durable a write must be when answered.</summary>
    Stability Stability { get; }
}
