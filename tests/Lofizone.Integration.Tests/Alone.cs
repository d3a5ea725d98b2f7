using Xunit.v3;

// A test mostly waits for leases, processes and devices. A small machine's processors are busy with twice as many tests.
[assembly: Parallelization(MaxThreads = 4)]

namespace Lofizone.Integration.Tests;

/// <summary>
/// Tests that run alone. mkfs.btrfs looks at every loop device of the machine, and gives up on a device whose file has just lost its
/// engine, as other tests' devices do. A mount namespace has a copy of every mount. A device is idle only while no other process calls
/// sync(2).
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait(Phase.Trait, Name)]
public sealed class Alone
{
    public const string Name = "alone";
}
