namespace Lofizone.Nfs.Tests.Fake;

/// <summary>Faults of a server that a judge of the client must notice.</summary>
public enum FakeDefect
{
    None,

    /// <summary>COMMIT succeeds without a write to the disk.</summary>
    ForgetsToCommit,

    /// <summary>READ and WRITE are executed with any state ID, even a revoked one.</summary>
    IgnoresStateIds,

    /// <summary>There is no replay cache: a repeated request is executed again, over newer data.</summary>
    ExecutesRetries,

    /// <summary>The write verifier stays the same after a restart or a loss of state, so that no client learns of lost data.</summary>
    KeepsVerifier,

    /// <summary>Half of a WRITE is written, and all of it is acknowledged.</summary>
    WritesTooLittle,

    /// <summary>Of several WRITEs in one COMPOUND, only the first stores its data as it was sent.</summary>
    MixesUpPackedWrites,

    /// <summary>Of several READs in one COMPOUND, only the first returns its data.</summary>
    MixesUpPackedReads,
}
