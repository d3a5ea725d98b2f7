namespace Lofizone.Interop.Tests;

/// <summary>One managed struct and the C type it must match.</summary>
/// <param name="Managed">The C# struct.</param>
/// <param name="KernelType">The C type, spelled as in C ("struct loop_info64").</param>
/// <param name="Fields">Managed field and C field; every field whose name does not start with "Reserved" must be listed.</param>
public sealed record StructRow(Type Managed, string KernelType, params (string Managed, string Kernel)[] Fields)
{
    public override string ToString() => Managed.Name;
}
