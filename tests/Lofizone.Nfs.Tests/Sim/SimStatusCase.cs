using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>The client's activity when an operation fails.</summary>
internal enum SimPhase
{
    /// <summary>Reads, writes, holes and flushes.</summary>
    Plain,

    /// <summary>The session is lost.</summary>
    Recovery,

    /// <summary>The server has restarted. The client reclaims state and writes data again.</summary>
    Reclaim,

    /// <summary>The server has dropped the lock, and the client takes it again.</summary>
    Retake,

    /// <summary>Connect, open and lock.</summary>
    Open,

    /// <summary>Flush, unlock, close and the end of the session.</summary>
    Close,
}

/// <summary>An operation that fails with a status.</summary>
/// <param name="Persists">The operation fails each time for <see cref="SimStatusRun.Window"/>; otherwise once.</param>
internal sealed record SimStatusCase(SimPhase Phase, OperationCode Code, NfsStatus Status, bool Persists)
{
    private static readonly NfsStatus[] _statuses = [.. Enum.GetValues<NfsStatus>().Where(status => status != NfsStatus.Ok)];

    /// <summary>Statuses that a client answers with more than a failure.</summary>
    private static readonly NfsStatus[] _telling =
    [
        NfsStatus.Io, NfsStatus.Delay, NfsStatus.Grace, NfsStatus.NoGrace, NfsStatus.Resource, NfsStatus.NoSpc, NfsStatus.DQuot, NfsStatus.Stale, NfsStatus.Moved, NfsStatus.NotSupp,
        NfsStatus.BadSession, NfsStatus.DeadSession, NfsStatus.BadSlot, NfsStatus.BadHighSlot, NfsStatus.SeqMisordered, NfsStatus.SeqFalseRetry, NfsStatus.RetryUncachedRep,
        NfsStatus.ConnNotBoundToSession, NfsStatus.StaleClientId, NfsStatus.ClidInUse, NfsStatus.CompleteAlready, NfsStatus.BadStateId, NfsStatus.OldStateId, NfsStatus.StaleStateId,
        NfsStatus.Expired, NfsStatus.AdminRevoked, NfsStatus.Denied, NfsStatus.ShareDenied, NfsStatus.ReqTooBig, NfsStatus.RepTooBig, NfsStatus.RepTooBigToCache,
        NfsStatus.TooManyOps, NfsStatus.TooSmall, NfsStatus.ServerFault, NfsStatus.MinorVersMismatch,
    ];

    /// <summary>The cases of an operation: each status once and for a while.</summary>
    /// <param name="all">Also the statuses that are only a failure to the client.</param>
    public static IEnumerable<SimStatusCase> Of(SimPhase phase, OperationCode code, bool all) =>
        (all ? _statuses : _telling).SelectMany(status => new[] { false, true }, (status, persists) => new SimStatusCase(phase, code, status, persists));

    /// <summary>
    /// The operations of each phase. Each operation can fail with all statuses of NFSv4.1 and 4.2: those that the RFCs allow (RFC 8881
    /// section 15.2, RFC 7862 section 11.2), and others.
    /// </summary>
    public static IReadOnlyDictionary<SimPhase, OperationCode[]> Operations { get; } = new Dictionary<SimPhase, OperationCode[]>
    {
        [SimPhase.Plain] =
        [
            OperationCode.Sequence, OperationCode.PutFh, OperationCode.Read, OperationCode.Write, OperationCode.Commit, OperationCode.Deallocate,
        ],
        [SimPhase.Recovery] =
        [
            OperationCode.Sequence, OperationCode.CreateSession, OperationCode.PutRootFh, OperationCode.GetAttr, OperationCode.PutFh, OperationCode.Write,
            OperationCode.BindConnToSession, OperationCode.DestroySession,
        ],
        [SimPhase.Reclaim] =
        [
            OperationCode.Sequence, OperationCode.ExchangeId, OperationCode.CreateSession, OperationCode.BindConnToSession, OperationCode.PutRootFh, OperationCode.GetAttr,
            OperationCode.PutFh, OperationCode.Open, OperationCode.Lock, OperationCode.ReclaimComplete, OperationCode.Write, OperationCode.Deallocate, OperationCode.Commit,
        ],
        [SimPhase.Retake] =
        [
            OperationCode.Sequence, OperationCode.PutFh, OperationCode.Open, OperationCode.Lock, OperationCode.PutRootFh, OperationCode.Lookup, OperationCode.Read,
            OperationCode.Write, OperationCode.TestStateId, OperationCode.FreeStateId,
        ],
        [SimPhase.Open] =
        [
            OperationCode.ExchangeId, OperationCode.CreateSession, OperationCode.ReclaimComplete, OperationCode.Sequence, OperationCode.PutRootFh, OperationCode.GetFh,
            OperationCode.GetAttr, OperationCode.PutFh, OperationCode.Open, OperationCode.Lock, OperationCode.SetAttr,
        ],
        [SimPhase.Close] =
        [
            OperationCode.Sequence, OperationCode.PutFh, OperationCode.Commit, OperationCode.LockU, OperationCode.Close, OperationCode.DestroySession, OperationCode.DestroyClientId,
        ],
    };
}
