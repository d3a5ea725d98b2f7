namespace Lofizone.Nfs.Tests.Rpc;

/// <summary>Tests that measure what the whole process allocates: nothing else may run beside them.</summary>
[CollectionDefinition(nameof(AllocationCollection), DisableParallelization = true)]
public sealed class AllocationCollection;
