using Lofizone.Ownership;

namespace Lofizone.Tests.Fleet;

internal enum FleetOperation
{
    /// <summary>EXCHANGE_ID and CREATE_SESSION.</summary>
    Connect,

    /// <summary>OPEN and LOCK with reclaim, in the server's grace period.</summary>
    Reclaim,

    /// <summary>OPEN and LOCK.</summary>
    Lock,

    ReadRecord,
    WriteRecord,

    /// <summary>A WRITE under the lock's state ID.</summary>
    Write,

    /// <summary>SEQUENCE alone.</summary>
    Renew,

    RemoveRecord,

    /// <summary>LOCKU and CLOSE.</summary>
    Unlock,
}

internal enum FleetStatus
{
    Ok,
    BadSession,
    Denied,
    Grace,
    NoGrace,
    BadStateId,
}

/// <param name="Session">Session ID; 0 without a session.</param>
/// <param name="Sequence">Sequence ID; a retry has the same.</param>
/// <param name="StateId">The lock's state ID.</param>
/// <param name="Record">The record to be written.</param>
internal sealed record FleetRequest(FleetOperation Operation, FleetAttachment From, long Session, long Sequence, long StateId = 0, ImageOwner? Record = null);

/// <param name="Value">Session or state ID.</param>
internal sealed record FleetReply(FleetStatus Status, long Value = 0, ImageOwner? Record = null);
