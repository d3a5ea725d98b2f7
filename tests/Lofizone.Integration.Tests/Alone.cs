namespace Lofizone.Integration.Tests;

/// <summary>
/// Tests beside which no other may run: mkfs.btrfs looks at every loop device of the machine and gives up on one whose file has just
/// lost its engine, as other tests make them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
