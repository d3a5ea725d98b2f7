namespace Lofizone.Bench;

/// <summary>One row of the data-path table: what fio does and in which unit it counts.</summary>
/// <param name="Pattern">fio's <c>--rw</c>.</param>
/// <param name="BlockSize">fio's <c>--bs</c>.</param>
/// <param name="Depth">fio's <c>--iodepth</c>.</param>
public sealed record FioRow(string Pattern, string BlockSize, int Depth)
{
    /// <summary>Large and deep (bandwidth), small and deep (operations per second), small and one at a time (latency).</summary>
    public static readonly IReadOnlyList<FioRow> All =
    [
        new("write", "1M", 8),
        new("read", "1M", 8),
        new("randread", "4k", 32),
        new("randwrite", "4k", 32),
        new("randread", "4k", 1),
        new("randwrite", "4k", 1),
    ];

    public string Name => $"{Pattern} {BlockSize} qd{Depth}";

    public bool Writes => Pattern.EndsWith("write", StringComparison.Ordinal);

    /// <summary>Sequential rows count megabytes, random rows operations.</summary>
    public string Unit => Pattern.StartsWith("rand", StringComparison.Ordinal) ? "IOPS" : "MB/s";
}
