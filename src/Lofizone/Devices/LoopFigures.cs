using System.Globalization;

namespace Lofizone.Devices;

/// <summary>
/// The kernel's counters of a loop device: <c>/sys/block/loopM/stat</c> (Documentation/block/stat.rst). The loop device keeps its counters
/// when its file changes, so a lofi device's own figures are the difference to those at its attach.
/// </summary>
public sealed record LoopFigures
{
    private const int SectorBytes = 512;
    private const long NanosecondsPerTick = 1_000_000;

    /// <summary>Longest content of the file that is read, bytes.</summary>
    private const int LimitBytes = 4096;

    public LoopOperation Read { get => field ?? LoopOperation.None; init; }

    public LoopOperation Write { get => field ?? LoopOperation.None; init; }

    public LoopOperation Discard { get => field ?? LoopOperation.None; init; }

    public LoopOperation Flush { get => field ?? LoopOperation.None; init; }

    /// <summary>Number of requests that the driver has not completed.</summary>
    public long InFlight { get; init; }

    /// <summary>
    /// Reads the figures of <c>/dev/loopM</c>; null when there is no such device. Touches sysfs only: never waits for the device.
    /// </summary>
    public static LoopFigures? Of(string loopDevice)
    {
        string name = Path.GetFileName(loopDevice);
        if (name.Length == 0)
            return null;
        try
        {
            return Parse(File.ReadAllText($"/sys/block/{name}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Parses the file's content. Fields that an older kernel does not have are 0. Null when the content has another form.
    /// </summary>
    public static LoopFigures? Parse(string stat)
    {
        if (stat.Length > LimitBytes)
            return null;
        string[] words = stat.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        long[] fields = new long[17];
        for (int i = 0; i < Math.Min(words.Length, fields.Length); i++)
        {
            if (!long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out fields[i]))
                return null;
        }

        if (words.Length < 11)
            return null;
        return new LoopFigures
        {
            Read = Operation(fields[0], fields[2], fields[3]),
            Write = Operation(fields[4], fields[6], fields[7]),
            InFlight = fields[8],
            Discard = Operation(fields[11], fields[13], fields[14]),
            Flush = Operation(fields[15], 0, fields[16]),
        };
    }

    /// <summary>The difference to an earlier reading; all figures when there is none.</summary>
    public LoopFigures Since(LoopFigures? earlier) => earlier is null ? this : this with
    {
        Read = Read.Since(earlier.Read),
        Write = Write.Since(earlier.Write),
        Discard = Discard.Since(earlier.Discard),
        Flush = Flush.Since(earlier.Flush),
    };

    private static LoopOperation Operation(long count, long sectors, long ticks) =>
        new(count, sectors * SectorBytes, ticks * NanosecondsPerTick);
}

/// <summary>One kind of request of a loop device.</summary>
/// <param name="Count">Number of completed requests.</param>
/// <param name="Bytes">Amount of data, bytes.</param>
/// <param name="SumNanoseconds">Sum of the times from queueing to completion, nanoseconds. The kernel counts milliseconds.</param>
public sealed record LoopOperation(long Count, long Bytes, long SumNanoseconds)
{
    public static LoopOperation None { get; } = new(0, 0, 0);

    internal LoopOperation Since(LoopOperation earlier) =>
        new(Math.Max(0, Count - earlier.Count), Math.Max(0, Bytes - earlier.Bytes), Math.Max(0, SumNanoseconds - earlier.SumNanoseconds));
}
