using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>What the client is doing when an operation fails.</summary>
internal enum SimPhase
{
    /// <summary>It reads, writes, punches and flushes.</summary>
    Plain,

    /// <summary>Its session is gone.</summary>
    Recovery,

    /// <summary>The server has restarted: state is reclaimed, data written again.</summary>
    Reclaim,

    /// <summary>The server has dropped the lock, and it is taken again.</summary>
    Retake,

    /// <summary>It connects, opens and locks.</summary>
    Open,

    /// <summary>It flushes, unlocks, closes and says goodbye.</summary>
    Close,
}

/// <summary>One operation that fails with one status.</summary>
/// <param name="Phase">When.</param>
/// <param name="Code">The operation.</param>
/// <param name="Status">How.</param>
/// <param name="Persists">Each time for <see cref="SimStatusRun.Window"/>; otherwise once.</param>
internal sealed record SimStatusCase(SimPhase Phase, OperationCode Code, NfsStatus Status, bool Persists)
{
    private static readonly NfsStatus[] _statuses = [.. Enum.GetValues<NfsStatus>().Where(status => status != NfsStatus.Ok)];

    /// <summary>Those by which a client does anything else than fail: all the others are one and the same to it.</summary>
    private static readonly NfsStatus[] _telling =
    [
        NfsStatus.Io, NfsStatus.Delay, NfsStatus.Grace, NfsStatus.NoGrace, NfsStatus.Resource, NfsStatus.NoSpc, NfsStatus.DQuot, NfsStatus.Stale, NfsStatus.Moved, NfsStatus.NotSupp,
        NfsStatus.BadSession, NfsStatus.DeadSession, NfsStatus.BadSlot, NfsStatus.BadHighSlot, NfsStatus.SeqMisordered, NfsStatus.SeqFalseRetry, NfsStatus.RetryUncachedRep,
        NfsStatus.ConnNotBoundToSession, NfsStatus.StaleClientId, NfsStatus.ClidInUse, NfsStatus.CompleteAlready, NfsStatus.BadStateId, NfsStatus.OldStateId, NfsStatus.StaleStateId,
        NfsStatus.Expired, NfsStatus.AdminRevoked, NfsStatus.Denied, NfsStatus.ShareDenied, NfsStatus.ReqTooBig, NfsStatus.RepTooBig, NfsStatus.RepTooBigToCache,
        NfsStatus.TooManyOps, NfsStatus.TooSmall, NfsStatus.ServerFault, NfsStatus.MinorVersMismatch,
    ];

    /// <summary>The cases of one operation: each status once and for a while.</summary>
    /// <param name="phase">When it fails.</param>
    /// <param name="code">The operation.</param>
    /// <param name="all">Also the statuses that are nothing but a failure to the client.</param>
    public static IEnumerable<SimStatusCase> Of(SimPhase phase, OperationCode code, bool all) =>
        (all ? _statuses : _telling).SelectMany(status => new[] { false, true }, (status, persists) => new SimStatusCase(phase, code, status, persists));

    /// <summary>
    /// Each phase with the operations it is made of. For each of them all statuses of NFSv4.1 and 4.2 can be tried, what the RFCs allow there
    /// (RFC 8881 section 15.2, RFC 7862 section 11.2) and what a server should never say.
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
