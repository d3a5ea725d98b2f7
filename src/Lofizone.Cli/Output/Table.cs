namespace Lofizone.Cli.Output;

/// <summary>Plain aligned columns for people. Programs use -p or --json.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Indices of columns that hold numbers, aligned right.</summary>
    public IReadOnlySet<int> Right { get; init; } = new HashSet<int>();

    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, headings.Length);
        _rows.Add([.. cells.Select(SafeText.Line)]);
    }

    public void Write(TextWriter output)
    {
        int[] widths = [.. headings.Select((_, i) => _rows.Prepend(headings).Max(r => r[i].Length) * (Right.Contains(i) ? 1 : -1))];
        foreach (string[] row in _rows.Prepend(headings))
            output.WriteLine(TableLine.Of(row, widths));
    }
}
