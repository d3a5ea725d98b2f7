namespace Lofizone.Nfs.Packing;

/// <summary>
/// The number of calls that are worth having in flight, judged by the time of their answers (the reasoning of TCP Vegas: Brakmo and
/// Peterson, 1994). A server that works on calls in parallel answers each call as fast as a single call. The window then grows, and no
/// request waits to be packed. A server that works on one call after the other answers more slowly the more calls there are. Further calls
/// would only queue at that server, so requests are better packed into fewer calls. Not thread-safe.
/// </summary>
internal sealed class PackingWindow
{
    /// <summary>Least number of calls: the call that is being executed, and the next call on its way.</summary>
    public const int Least = 2;

    /// <summary>
    /// Number of calls that wait at the server below which the window grows. Above <see cref="TooManyQueued"/> the window shrinks.
    /// </summary>
    public const double FewQueued = 1.0;

    public const double TooManyQueued = 2.5;

    /// <summary>Time for which the shortest answer time counts. A server may become slower for good.</summary>
    public static readonly TimeSpan BaseLife = TimeSpan.FromSeconds(10);

    private readonly int _limit;
    private double _base = double.MaxValue;
    private double _nextBase = double.MaxValue;
    private TimeSpan _baseAge;
    private double _excess;
    private int _answers;
    private bool _wasFull;

    /// <param name="limit">Largest size of the window, 1 or more; also the first size.</param>
    public PackingWindow(int limit) => Size = _limit = limit;

    /// <summary>Number of calls that may be in flight.</summary>
    public int Size { get; private set; }

    /// <summary>Notes that requests had to wait because the window was full.</summary>
    public void OnFull() => _wasFull = true;

    /// <summary>Notes that a call was answered.</summary>
    /// <param name="latency">Time from sending to answer.</param>
    /// <param name="operations">Number of READs and WRITEs in the call.</param>
    /// <param name="inFlight">Number of calls in flight when the call was sent, the call itself included.</param>
    /// <param name="now">Time of any clock that only goes forward.</param>
    public void OnAnswer(TimeSpan latency, int operations, int inFlight, TimeSpan now)
    {
        double each = Math.Max(latency.TotalMicroseconds, 1) / operations;
        if (now - _baseAge > BaseLife)
        {
            (_base, _nextBase, _baseAge) = (_nextBase, double.MaxValue, now);
        }
        _nextBase = Math.Min(_nextBase, each);
        _base = Math.Min(_base, each);
        // Number of calls in flight that waited at the server. The number is 0 if this call took as long as a call alone.
        _excess += inFlight * (1 - _base / each);
        if (++_answers < Math.Max(inFlight, Least))
            return;
        double queued = _excess / _answers;
        if (queued > TooManyQueued)
            Size = Math.Max(Math.Min(Size, Math.Max(inFlight, Least)) * 3 / 4, Least);
        else if (queued < FewQueued && _wasFull)
            Size = Math.Min(Size + 1, _limit);
        (_excess, _answers, _wasFull) = (0, 0, false);
    }
}
