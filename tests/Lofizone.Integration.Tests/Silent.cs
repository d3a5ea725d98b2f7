namespace Lofizone.Integration.Tests;

/// <summary>
/// Tests of zones whose server or engine stays silent for long, one after the other. Such silence holds up every sync(2) of the machine, the one of an
/// init that ends, too: other tests' zones would not end in time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait(Phase.Trait, Name)]
public sealed class SilentZones
{
    public const string Name = "silent-zones";
}

/// <summary>The same for devices without a zone: these may run beside <see cref="SilentZones"/>, whose own waits are longer.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait(Phase.Trait, Name)]
public sealed class SilentDevices
{
    public const string Name = "silent-devices";
}

/// <summary>scripts/test runs what may not run beside all other tests in phases of its own, chosen by this trait.</summary>
internal static class Phase
{
    public const string Trait = "Phase";
}
