namespace Lofizone.Nfs;

/// <summary>Counters of one client, readable from any thread while it works.</summary>
public sealed class NfsStatistics
{
    private long _operations;
    private long _bytesRead;
    private long _bytesWritten;
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

    /// <summary>COMPOUNDs answered.</summary>
    public long Operations => Volatile.Read(ref _operations);

    /// <summary>Data bytes of READ.</summary>
    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>Data bytes of WRITE.</summary>
    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    /// <summary>Requests sent again with the same slot and sequence ID after a lost connection.</summary>
    public long Retransmits => Volatile.Read(ref _retransmits);

    /// <summary>Connections made after the first.</summary>
    public long Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Sessions the server forgot.</summary>
    public long SessionsLost => Volatile.Read(ref _sessionsLost);

    /// <summary>Times that opens and locks were reclaimed from a restarted server.</summary>
    public long Reclaims => Volatile.Read(ref _reclaims);

    /// <summary>Bytes written again because the write verifier changed.</summary>
    public long ResentBytes => Volatile.Read(ref _resentBytes);

    /// <summary>Bytes kept until COMMIT confirms them.</summary>
    public long UncommittedBytes => Volatile.Read(ref _uncommittedBytes);

    /// <summary>Requests without an answer.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Slots of the session.</summary>
    public long Slots => Volatile.Read(ref _slots);

    /// <summary>The server's lease time in seconds.</summary>
    public long LeaseSeconds => Volatile.Read(ref _leaseSeconds);

    /// <summary>A connection with a session is up.</summary>
    public bool IsConnected => Volatile.Read(ref _connected) != 0;

    internal void CountOperation(int inFlight)
    {
        Interlocked.Increment(ref _operations);
        Volatile.Write(ref _inFlight, inFlight);
    }

    internal void SetInFlight(int inFlight) => Volatile.Write(ref _inFlight, inFlight);

    internal void CountRead(int bytes) => Interlocked.Add(ref _bytesRead, bytes);

    internal void CountWritten(int bytes) => Interlocked.Add(ref _bytesWritten, bytes);

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

    internal void SetConnected(bool connected) => Volatile.Write(ref _connected, connected ? 1 : 0);
}
