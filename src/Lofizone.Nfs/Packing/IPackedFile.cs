using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Packing;

/// <summary>The facts of a file that its READs and WRITEs carry.</summary>
internal interface IPackedFile : ICallOwner
{
    /// <summary>The server has dropped the file's lock, and the lock is not taken again yet.</summary>
    bool IsLost { get; }

    byte[] Handle { get; }

    /// <summary>Absolute path on the server.</summary>
    string Path { get; }

    /// <summary>The state ID that reads and writes carry at present.</summary>
    StateId StateId { get; }

    /// <summary>The durability that the server must give a write before it answers.</summary>
    Stability Stability { get; }
}
