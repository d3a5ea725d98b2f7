using Xunit.v3;

// Most of a test's time is a wait for leases, processes and devices: twice as many tests as a small machine has processors keep its processors busy.
[assembly: Parallelization(MaxThreads = 4)]

namespace Lofizone.Integration.Tests;

/// <summary>
/// Tests beside which no other may run: mkfs.btrfs looks at every loop device of the machine and gives up on one whose file has just
/// lost its engine, as other tests make them; and a server or engine that stays silent for long holds up every sync(2) of the machine,
/// so that other tests' zones don't end in time. scripts/test runs them by their trait, beside tests that have neither zones nor devices.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait("Runs", Name)]
public sealed class Alone
{
    public const string Name = "alone";
}
