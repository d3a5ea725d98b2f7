namespace Lofizone.Integration.Tests;

/// <summary>
/// Tests of zones whose server or engine stays silent for long, one after the other. Such silence holds up every sync(2) of the machine,
/// including the sync(2) of an init that ends, so zones of other tests would not end in time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait(Phase.Trait, Name)]
public sealed class SilentZones
{
    public const string Name = "silent-zones";
}

/// <summary>Tests of silent devices without a zone. They may run beside <see cref="SilentZones"/>, whose own waits are longer.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait(Phase.Trait, Name)]
public sealed class SilentDevices
{
    public const string Name = "silent-devices";
}

/// <summary>Name of the trait by which scripts/test chooses the tests that run in phases of their own.</summary>
internal static class Phase
{
    public const string Trait = "Phase";
}
