namespace Lofizone.Cli.Output;

/// <summary>Cells as one line of aligned columns.</summary>
internal static class TableLine
{
    /// <param name="cells">One for each column.</param>
    /// <param name="widths">
    /// Width of each column; negative for a left-aligned column. A wider cell pushes the rest to the right, as in vmstat.
    /// </param>
    public static string Of(IEnumerable<string> cells, IReadOnlyList<int> widths) =>
        string.Join(' ', cells.Select((cell, i) => widths[i] < 0 ? cell.PadRight(-widths[i]) : cell.PadLeft(widths[i]))).TrimEnd();
}
