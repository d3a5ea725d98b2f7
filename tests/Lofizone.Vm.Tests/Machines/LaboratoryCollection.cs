namespace Lofizone.Vm.Tests.Machines;

/// <summary>Tests on one set of machines, one at a time: they pause machines and cut links.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LaboratoryCollection : ICollectionFixture<Laboratory>
{
    public const string Name = "laboratory";
}

/// <summary>Tests on the host as users have it, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostLaboratoryCollection : ICollectionFixture<HostLaboratory>
{
    public const string Name = "host laboratory";
}
