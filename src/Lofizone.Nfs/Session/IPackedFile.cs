using Lofizone.Nfs.Operations;

namespace Lofizone.Nfs.Session;

/// <summary>What the requests of one file carry.</summary>
internal interface IPackedFile : IRecoverable
{
    byte[] Handle { get; }

    /// <summary>Absolute path on the server.</summary>
    string Path { get; }

    /// <summary>State ID of reads and writes, as it is now.</summary>
    StateId StateId { get; }

    /// <summary>How durable a write must be when answered.</summary>
    Stability Stability { get; }
}
