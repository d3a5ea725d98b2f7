using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lofizone.Interop.Tests;

/// <summary>The managed structs have the layout of the kernel's headers.</summary>
public sealed class StructLayoutTests(KernelLayout kernel) : IClassFixture<KernelLayout>
{
    public static IEnumerable<ITheoryDataRow> Rows =>
        StructTable.Rows.Select(row => new TheoryDataRow<string>(row.Managed.Name));

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_managed_struct_has_the_size_and_the_field_offsets_of_its_C_type(string name)
    {
        var row = StructTable.Rows.Single(row => row.Managed.Name == name);

        Assert.Equal(kernel.Size(row.KernelType), ManagedSize(row.Managed));
        foreach (var (managed, field) in row.Fields)
            Assert.Equal((managed, kernel.Offset(row.KernelType, field)), (managed, (int)Marshal.OffsetOf(row.Managed, managed)));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_field_of_a_managed_struct_is_in_the_table(string name)
    {
        var row = StructTable.Rows.Single(row => row.Managed.Name == name);
        var fields = row.Managed.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => field.Name)
            .Where(field => !field.StartsWith("Reserved", StringComparison.Ordinal));

        Assert.Equal(fields.Order(), row.Fields.Select(field => field.Managed).Order());
    }

    // Marshal.SizeOf refuses generic and some inline-array types. The size of the unmanaged value counts.
    private static int ManagedSize(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
