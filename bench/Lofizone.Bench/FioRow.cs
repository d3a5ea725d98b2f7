using System.Globalization;

namespace Lofizone.Bench;

/// <summary>One row of the data-path table: what fio does and in which unit it counts.</summary>
/// <param name="Pattern">fio's <c>--rw</c>.</param>
/// <param name="BlockSize">fio's <c>--bs</c>: a number with <c>k</c> or <c>M</c>.</param>
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

    /// <summary>Names the row on the command line.</summary>
    public string Key => $"{Pattern}-{BlockSize}-qd{Depth}";

    public bool Writes => Pattern.EndsWith("write", StringComparison.Ordinal);

    public bool IsRandom => Pattern.StartsWith("rand", StringComparison.Ordinal);

    /// <summary>Bytes of one request.</summary>
    public int Bytes => int.Parse(BlockSize.AsSpan(0, BlockSize.Length - 1), CultureInfo.InvariantCulture) << (BlockSize[^1] == 'M' ? 20 : 10);

    /// <summary>Sequential rows count megabytes, random rows operations.</summary>
    public string Unit => IsRandom ? "IOPS" : "MB/s";

    /// <summary>That many requests in that time, in this row's unit.</summary>
    public double InUnit(long requests, double seconds) => requests / seconds * (IsRandom ? 1 : Bytes / 1e6);
}
