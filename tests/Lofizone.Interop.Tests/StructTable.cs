namespace Lofizone.Interop.Tests;

/// <summary>
/// Every managed struct that goes to the kernel or comes from it. A new struct needs a row (in a file for each call family, appended to
/// <see cref="Rows"/>), and its header in layout.c.
/// </summary>
public static class StructTable
{
    public static IReadOnlyList<StructRow> Rows { get; } = [.. FuseStructs.Rows, .. FileStructs.Rows, .. LoopStructs.Rows];
}
