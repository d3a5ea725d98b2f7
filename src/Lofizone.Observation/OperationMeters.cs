namespace Lofizone.Observation;

/// <summary>
/// One meter for each operation of a protocol, by its number. The meters of operations on the path of data exist from the start. The other
/// meters are made when their first operation ends.
/// </summary>
/// <param name="limit">A number above all operations' numbers. Higher numbers are counted together as number 0.</param>
/// <param name="hot">Numbers of the operations on the path of data.</param>
public sealed class OperationMeters(int limit, params ReadOnlySpan<int> hot)
{
    private readonly OperationMeter?[] _meters = Make(limit, hot);

    public OperationMeter this[int number]
    {
        get
        {
            if ((uint)number >= (uint)_meters.Length)
                number = 0;
            if (Volatile.Read(ref _meters[number]) is { } meter)
                return meter;
            OperationMeter made = new();
            return Interlocked.CompareExchange(ref _meters[number], made, null) ?? made;
        }
    }

    /// <summary>All meters that have counted an operation, by number.</summary>
    public IReadOnlyList<OperationFigures> Read(Func<int, string> name)
    {
        List<OperationFigures> all = [];
        for (int i = 0; i < _meters.Length; i++)
        {
            if (Volatile.Read(ref _meters[i]) is { Count: > 0 } meter)
                all.Add(meter.Read(name(i)));
        }

        return all;
    }

    private static OperationMeter?[] Make(int limit, ReadOnlySpan<int> hot)
    {
        OperationMeter?[] meters = new OperationMeter?[limit];
        foreach (int number in hot)
            meters[number] = new OperationMeter();
        return meters;
    }
}
