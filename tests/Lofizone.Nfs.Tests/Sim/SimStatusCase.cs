using Lofizone.Nfs.Operations;

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
    /// <summary>
    /// Each phase with the operations it is made of. All statuses of NFSv4.1 and 4.2 are tried for each of them, which contains what the RFCs
    /// allow for it (RFC 8881 section 15.2, RFC 7862 section 11.2) and what a server should never say there.
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
