using Lofizone.Observation;

namespace Lofizone.Nfs.Statistics;

/// <summary>Counters of one network route to the server. Any thread may read them at any time.</summary>
public sealed class NfsPathStatistics
{
    private readonly TimeProvider _time;
    private readonly OperationMeter _requests = new();
    private long _inFlight;
    private long _retransmits;
    private long _reconnects;
    private long _connected;
    private long _downSince;
    private string? _problem;
    private Func<TimeSpan?>? _roundTrip;

    internal NfsPathStatistics(string address, TimeProvider time)
    {
        (Address, _time) = (address, time);
    }

    /// <summary>Address and port of the server on this route.</summary>
    public string Address { get; }

    /// <summary>True when a connection over this route is up and belongs to the session.</summary>
    public bool IsConnected => Volatile.Read(ref _connected) != 0;

    /// <summary>Time since when the route is down. Null while the route is up, and before it was up for the first time.</summary>
    public DateTimeOffset? DownSince => !IsConnected && Volatile.Read(ref _downSince) is not 0 and var since
        ? _time.GetUtcNow() - _time.GetElapsedTime(since)
        : null;

    /// <summary>Reason why the route is not in use, or why its last connection ended. Null while the route is up.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Number of requests that were sent over this route and are not answered.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Number of requests sent over this route that had been sent before, over any route.</summary>
    public long Retransmits => Volatile.Read(ref _retransmits);

    /// <summary>Number of connections made after the first.</summary>
    public long Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>
    /// The network's share of a request's time: the kernel's smallest recent round trip (tcpi_min_rtt of TCP_INFO, linux/tcp.h). Null when
    /// it is not known.
    /// </summary>
    public TimeSpan? RoundTrip => Volatile.Read(ref _roundTrip)?.Invoke();

    /// <summary>COMPOUNDs answered over this route, with their latency.</summary>
    public OperationFigures Requests => _requests.Read(Address);

    internal void Record(TimeSpan took, long bytes, bool failed) => _requests.Record(took, bytes, failed);

    /// <summary>Sets the number of unanswered requests. The session's gate is held.</summary>
    internal void SetInFlight(long requests) => Volatile.Write(ref _inFlight, requests);

    internal void SetProblem(string? problem) => Volatile.Write(ref _problem, problem);

    internal void CountRetransmit() => Interlocked.Increment(ref _retransmits);

    internal void CountReconnect() => Interlocked.Increment(ref _reconnects);

    /// <summary>Sets the source of the round trip: the route's connection.</summary>
    internal void SetRoundTrip(Func<TimeSpan?> source) => Volatile.Write(ref _roundTrip, source);

    internal void SetConnected(bool connected)
    {
        if (!connected && IsConnected)
            Volatile.Write(ref _downSince, _time.GetTimestamp());
        Volatile.Write(ref _connected, connected ? 1 : 0);
    }
}
