using Xunit.v3;

// Most of a test's time is a wait for leases, processes and devices: twice as many tests as a small machine has processors keep its processors busy.
[assembly: Parallelization(MaxThreads = 4)]

namespace Lofizone.Integration.Tests;

/// <summary>
/// Tests beside which no other may run. mkfs.btrfs looks at every loop device of the machine and gives up on one whose file has just lost its engine,
/// as other tests make them. A mount namespace has a copy of every mount. A device is idle only where nobody else calls sync(2).
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait(Phase.Trait, Name)]
public sealed class Alone
{
    public const string Name = "alone";
}
