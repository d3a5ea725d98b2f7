namespace Lofizone.Vm.Tests.Machines;

/// <summary>One set of machines, one test at a time: the tests pause machines and cut links.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LaboratoryCollection : ICollectionFixture<Laboratory>
{
    public const string Name = "laboratory";
}

/// <summary>The host as users have it, one test at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostLaboratoryCollection : ICollectionFixture<HostLaboratory>
{
    public const string Name = "host laboratory";
}
