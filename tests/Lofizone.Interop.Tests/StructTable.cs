namespace Lofizone.Interop.Tests;

/// <summary>
/// Every managed struct that goes to or comes from the kernel. To add one: a row here (in an own file per call family, appended to
/// <see cref="Rows"/>), and its header in layout.c.
/// </summary>
public static class StructTable
{
    public static IReadOnlyList<StructRow> Rows { get; } = [.. FuseStructs.Rows, .. FileStructs.Rows, .. LoopStructs.Rows];
}
