namespace Lofizone.Nfs.Tests.Rpc;

/// <summary>Tests that measure allocations of the whole process. No other test runs beside them.</summary>
[CollectionDefinition(nameof(AllocationCollection), DisableParallelization = true)]
public sealed class AllocationCollection;
