namespace Lofizone.Engine;

/// <summary>
/// How an engine is, as it tells over its control socket. Engine and asker may be of different versions: what one does not know is left out
/// by the other, so members are only ever added, at the end, with a default that means "not told". The default stands in the getter: the
/// generated reader of JSON sets a member that is not there to null, whatever its initializer says.
/// </summary>
public sealed record EngineStatus
{
    /// <summary>Process ID.</summary>
    public required int Pid { get; init; }

    /// <summary>URI of the image.</summary>
    public required string File { get; init; }

    /// <summary>Address and port of the server, as connected; empty before the first connection.</summary>
    public required string ServerAddress { get; init; }

    /// <summary>Minor version of NFSv4 in use, 1 or 2.</summary>
    public required int MinorVersion { get; init; }

    /// <summary>A connection to the server is up.</summary>
    public required bool Connected { get; init; }

    /// <summary>The lock is lost and the image may be another's: all I/O fails, nothing is written ever again.</summary>
    public required bool Fenced { get; init; }

    /// <summary>State of the image's lock, in words: <c>held</c> or <c>lost</c>.</summary>
    public string LockState => Fenced ? "lost" : "held";

    /// <summary>Reads of the device since the engine started.</summary>
    public required long Reads { get; init; }

    /// <summary>Writes of the device.</summary>
    public required long Writes { get; init; }

    /// <summary>Bytes that the device has read.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes that the device has written.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>Requests sent to the server.</summary>
    public required long Operations { get; init; }

    /// <summary>Requests not answered yet.</summary>
    public required long InFlight { get; init; }

    /// <summary>Bytes written but not yet confirmed as stored by the server.</summary>
    public required long UncommittedBytes { get; init; }

    /// <summary>Connections made anew.</summary>
    public required long Reconnects { get; init; }

    /// <summary>Requests sent again.</summary>
    public required long Retransmits { get; init; }

    /// <summary>The server's lease time, seconds: how long after a crash of this host the image stays locked.</summary>
    public required long LeaseSeconds { get; init; }

    /// <summary>When the engine started serving.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Slots of the session: requests that may be under way at once; 0 when not told.</summary>
    public long Slots { get; init; }

    /// <summary>
    /// Age of the lease, milliseconds: since the last request that renewed it was sent. Null before the first, or when not told.
    /// </summary>
    public long? LeaseAgeMilliseconds { get; init; }

    /// <summary>Since when the server has not answered although it should; null while it does.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }

    /// <summary>Sessions that the server forgot.</summary>
    public long SessionsLost { get; init; }

    /// <summary>Times that the lock was reclaimed from a restarted server.</summary>
    public long Reclaims { get; init; }

    /// <summary>Bytes written again because the server may have lost them.</summary>
    public long ResentBytes { get; init; }

    /// <summary>Since when writing is held because the share is full; null while it is not.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>Why writing is held, in the server's words (no space, quota exceeded); null while it is not.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Why the engine is fenced; null while it is not, or when not told.</summary>
    public string? FencedBecause { get; init; }

    /// <summary>Requests of the device that have failed.</summary>
    public long Failures { get; init; }

    /// <summary>The routes to the server; empty when not told.</summary>
    public IReadOnlyList<EnginePath> Paths { get => field ?? []; init; }

    /// <summary>What is traced (<c>nfs</c>, <c>fuse</c>), and where to; null when nothing is.</summary>
    public string? Trace { get; init; }

    /// <summary>Lines that the trace has dropped because they came faster than they could be written.</summary>
    public long TraceDropped { get; init; }

    /// <summary>Whether the server gave a sign of life when asked for one just now; null when it was not asked.</summary>
    public bool? Answers { get; init; }

    /// <summary>Process ID of the keeper, which starts another engine when this one dies; null without one.</summary>
    public int? KeeperPid { get; init; }

    /// <summary>How often another engine has gone on for one that died, since the device was attached.</summary>
    public long Restarts { get; init; }
}

/// <summary>One route of an engine to its server. Members are only ever added, as in <see cref="EngineStatus"/>.</summary>
public sealed record EnginePath
{
    /// <summary>Address and port of the server.</summary>
    public string Address { get => field ?? ""; init; }

    /// <summary>A connection by this route is up.</summary>
    public bool Connected { get; init; }

    /// <summary>Since when it is down; null while it is up.</summary>
    public DateTimeOffset? DownSince { get; init; }

    /// <summary>Why it is not in use; null while it is.</summary>
    public string? Problem { get; init; }

    public long InFlight { get; init; }

    public long Retransmits { get; init; }

    public long Reconnects { get; init; }

    /// <summary>The network's round trip, microseconds; null when it is not known.</summary>
    public long? RoundTripMicroseconds { get; init; }
}
