using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Observation;

namespace Lofizone.Nfs.Statistics;

/// <summary>Counters of one client. Any thread may read them at any time.</summary>
/// <param name="time">Clock of the latencies and of the server's silence; null for the system's clock.</param>
public sealed class NfsStatistics(TimeProvider? time = null)
{
    /// <summary>Time without an answer, in seconds, after which a server counts as unreachable while requests wait.</summary>
    public const int SilenceLimitSeconds = 5;

    /// <summary>A number above all operations' numbers (RFC 7862 section 14 and RFC 8276 end at 75).</summary>
    private const int OperationLimit = 80;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly OperationMeters _meters = new(
        OperationLimit,
        (int)OperationCode.Read,
        (int)OperationCode.Write,
        (int)OperationCode.Commit,
        (int)OperationCode.Sequence,
        (int)OperationCode.Deallocate);
    private readonly Lock _gate = new();
    private NfsPathStatistics[] _paths = [];
    private long _lastReply;
    private long _lastRenewal;
    private long _waitingSince;
    private long _disconnectedAt;
    private long _operations;
    private long _retransmits;
    private long _reconnects;
    private long _sessionsLost;
    private long _reclaims;
    private long _resentBytes;
    private long _uncommittedBytes;
    private long _inFlight;
    private long _slots;
    private long _leaseSeconds;
    private long _connected;
    private int _packedReads;
    private int _packedWrites;

    /// <summary>Number of COMPOUNDs answered.</summary>
    public long Operations => Volatile.Read(ref _operations);

    /// <summary>Number of requests sent again with the same slot and sequence ID after a lost connection.</summary>
    public long Retransmits => Volatile.Read(ref _retransmits);

    /// <summary>Number of connections made after the first.</summary>
    public long Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Number of sessions that the server forgot.</summary>
    public long SessionsLost => Volatile.Read(ref _sessionsLost);

    /// <summary>Number of times that opens and locks were reclaimed from a restarted server.</summary>
    public long Reclaims => Volatile.Read(ref _reclaims);

    /// <summary>Number of bytes written again because the write verifier changed.</summary>
    public long ResentBytes => Volatile.Read(ref _resentBytes);

    /// <summary>Number of bytes kept until COMMIT confirms them.</summary>
    public long UncommittedBytes => Volatile.Read(ref _uncommittedBytes);

    /// <summary>Number of requests without an answer.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Number of the session's slots.</summary>
    public long Slots => Volatile.Read(ref _slots);

    /// <summary>The server's lease time in seconds.</summary>
    public long LeaseSeconds => Volatile.Read(ref _leaseSeconds);

    /// <summary>True when a connection with a session is up.</summary>
    public bool IsConnected => Volatile.Read(ref _connected) != 0;

    /// <summary>
    /// True when the server has proved that it returns the data of several READs in one COMPOUND correctly; false when it returned wrong
    /// data. Null when the behaviour is not known; each READ then goes alone.
    /// </summary>
    public bool? PackedReads => Shown(ref _packedReads);

    /// <summary>Like <see cref="PackedReads"/>, for several WRITEs, and for READs and WRITEs together.</summary>
    public bool? PackedWrites => Shown(ref _packedWrites);

    internal void SetPacking(NfsPacking packing, bool? shown) =>
        Volatile.Write(ref packing == NfsPacking.Reads ? ref _packedReads : ref _packedWrites, shown is null ? 0 : shown == true ? 1 : -1);

    private static bool? Shown(ref int shown) => Volatile.Read(ref shown) switch { 0 => null, int value => value > 0 };

    /// <summary>
    /// Age of the lease: time since the last request that renewed the lease was sent. Null before the first such request.
    /// </summary>
    public TimeSpan? LeaseAge => Since(ref _lastRenewal);

    /// <summary>Time since when the server owes an answer. Null while the server answers, and while no request waits.</summary>
    public DateTimeOffset? UnreachableSince
    {
        get
        {
            long reply = Volatile.Read(ref _lastReply);
            long silentFrom = Math.Max(reply, Volatile.Read(ref _waitingSince));
            bool waits = InFlight > 0;
            if (!IsConnected && Volatile.Read(ref _disconnectedAt) is not 0 and long cut && reply <= cut)
                return At(waits ? Math.Min(cut, silentFrom) : cut);
            bool isLong = silentFrom != 0 && _time.GetElapsedTime(silentFrom).TotalSeconds >= SilenceLimitSeconds;
            bool silent = (waits || !IsConnected) && isLong;
            return silent ? At(silentFrom) : null;
        }
    }

    /// <summary>The routes to the server, in the order of their adding.</summary>
    public IReadOnlyList<NfsPathStatistics> Paths => Volatile.Read(ref _paths);

    /// <summary>
    /// COMPOUNDs by their purpose (the last operation other than SEQUENCE and those that choose a file), each with its latency from the
    /// slot to the answer. A COMPOUND that was sent again counts once, from its first sending.
    /// </summary>
    public IReadOnlyList<OperationFigures> ByOperation() => _meters.Read(NfsNames.Operation);

    /// <summary>Adds a route. The client keeps the route for its whole life, also while the route is down.</summary>
    internal NfsPathStatistics AddPath(string address)
    {
        NfsPathStatistics path = new(address, _time);
        lock (_gate)
            Volatile.Write(ref _paths, [.. _paths, path]);
        return path;
    }

    /// <summary>Counts an answered COMPOUND.</summary>
    /// <param name="operation">The COMPOUND's purpose.</param>
    /// <param name="startedAt">Time stamp of when the COMPOUND got its slot.</param>
    /// <param name="bytes">Data in either direction, bytes.</param>
    /// <param name="failed">True for any status but NFS4_OK.</param>
    /// <param name="path">The route that the COMPOUND took.</param>
    internal void Record(OperationCode operation, long startedAt, long bytes, bool failed, NfsPathStatistics? path)
    {
        TimeSpan took = _time.GetElapsedTime(startedAt);
        _meters[(int)operation].Record(took, bytes, failed);
        path?.Record(took, bytes, failed);
    }

    /// <summary>Notes that the server has sent a reply.</summary>
    internal void CountReply() => Volatile.Write(ref _lastReply, _time.GetTimestamp());

    /// <summary>
    /// Notes that the server has executed a SEQUENCE that was sent at this time stamp. The lease began anew at that time or later.
    /// </summary>
    internal void CountRenewal(long sentAt)
    {
        if (sentAt > Volatile.Read(ref _lastRenewal))
            Volatile.Write(ref _lastRenewal, sentAt);
    }

    internal void CountOperation(int inFlight)
    {
        Interlocked.Increment(ref _operations);
        Volatile.Write(ref _inFlight, inFlight);
    }

    internal void SetInFlight(int inFlight)
    {
        if (Volatile.Read(ref _inFlight) == 0 && inFlight > 0)
            Volatile.Write(ref _waitingSince, _time.GetTimestamp());
        Volatile.Write(ref _inFlight, inFlight);
    }

    internal void CountRetransmit() => Interlocked.Increment(ref _retransmits);

    internal void CountReconnect() => Interlocked.Increment(ref _reconnects);

    internal void CountSessionLost() => Interlocked.Increment(ref _sessionsLost);

    internal void CountReclaim() => Interlocked.Increment(ref _reclaims);

    internal void CountResent(int bytes) => Interlocked.Add(ref _resentBytes, bytes);

    internal void AddUncommitted(long bytes) => Interlocked.Add(ref _uncommittedBytes, bytes);

    internal void SetSession(int slots, int leaseSeconds)
    {
        Volatile.Write(ref _slots, slots);
        Volatile.Write(ref _leaseSeconds, leaseSeconds);
    }

    internal void SetConnected(bool connected)
    {
        // Only the first disconnect counts, because a server that is gone is tried again and again.
        if (!connected && IsConnected)
            Volatile.Write(ref _disconnectedAt, _time.GetTimestamp());
        Volatile.Write(ref _connected, connected ? 1 : 0);
    }

    private TimeSpan? Since(ref long timestamp) => Volatile.Read(ref timestamp) is not 0 and long at ? _time.GetElapsedTime(at) : null;

    private DateTimeOffset At(long timestamp) => _time.GetUtcNow() - _time.GetElapsedTime(timestamp);
}
