namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A broken server: whoever judges a client by what comes back must notice each of these.</summary>
public enum FakeDefect
{
    None,

    /// <summary>COMMIT is answered, and nothing is written to disk.</summary>
    ForgetsToCommit,

    /// <summary>READ and WRITE are executed with any state ID, also one that was revoked.</summary>
    IgnoresStateIds,

    /// <summary>No replay cache: a request that comes again is executed again, over what was written since.</summary>
    ExecutesRetries,

    /// <summary>The write verifier stays the same over a restart and a loss of state: nobody is told that data is gone.</summary>
    KeepsVerifier,

    /// <summary>Half of a WRITE is written, and all of it is acknowledged.</summary>
    WritesTooLittle,

    /// <summary>Of several WRITEs in one COMPOUND only the first one's data is stored as it was sent.</summary>
    MixesUpPackedWrites,

    /// <summary>Of several READs in one COMPOUND only the first one gives its data.</summary>
    MixesUpPackedReads,
}
