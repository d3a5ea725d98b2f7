namespace Lofizone.Engine;

/// <summary>
/// An engine's status, as the engine reports it over its control socket. Engine and reader may be of different versions, and each ignores
/// members that it does not know. Members are therefore only ever added, at the end, with a default that means "not reported". The default
/// stands in the getter: the generated reader of JSON sets a missing member to null, whatever its initializer says.
/// </summary>
public sealed record EngineStatus
{
    /// <summary>Process ID.</summary>
    public required int Pid { get; init; }

    /// <summary>URI of the image.</summary>
    public required string File { get; init; }

    /// <summary>Address and port of the connected server; empty before the first connection.</summary>
    public required string ServerAddress { get; init; }

    /// <summary>Minor version of NFSv4 in use, 1 or 2.</summary>
    public required int MinorVersion { get; init; }

    /// <summary>A connection to the server is up.</summary>
    public required bool Connected { get; init; }

    /// <summary>
    /// The lock is lost, and the image may be another host's. All I/O fails, and the image is never written again through this engine.
    /// </summary>
    public required bool Fenced { get; init; }

    /// <summary>State of the image's lock, in words: <c>held</c> or <c>lost</c>.</summary>
    public string LockState => Fenced ? "lost" : "held";

    /// <summary>Number of the device's reads since the engine started.</summary>
    public required long Reads { get; init; }

    /// <summary>Number of the device's writes.</summary>
    public required long Writes { get; init; }

    /// <summary>Number of bytes that the device has read.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Number of bytes that the device has written.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>Number of requests that were sent to the server.</summary>
    public required long Operations { get; init; }

    /// <summary>Number of requests that are not answered yet.</summary>
    public required long InFlight { get; init; }

    /// <summary>Number of bytes that are written but not confirmed as stored by the server.</summary>
    public required long UncommittedBytes { get; init; }

    /// <summary>Number of connections made after the first.</summary>
    public required long Reconnects { get; init; }

    /// <summary>Number of requests that were sent again.</summary>
    public required long Retransmits { get; init; }

    /// <summary>The server's lease time, seconds: the time for which the image stays locked after a crash of this host.</summary>
    public required long LeaseSeconds { get; init; }

    /// <summary>Time at which the engine started serving.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Number of the session's slots, which is the limit for requests under way; 0 when not reported.</summary>
    public long Slots { get; init; }

    /// <summary>
    /// Age of the lease, milliseconds: time since the last request that renewed the lease was sent. Null before the first such request, or
    /// when not reported.
    /// </summary>
    public long? LeaseAgeMilliseconds { get; init; }

    /// <summary>Time since when the server owes an answer; null while the server answers.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }

    /// <summary>Number of sessions that the server forgot.</summary>
    public long SessionsLost { get; init; }

    /// <summary>Number of times that the lock was reclaimed from a restarted server.</summary>
    public long Reclaims { get; init; }

    /// <summary>Number of bytes written again because the server may have lost them.</summary>
    public long ResentBytes { get; init; }

    /// <summary>Time since when writing is held because the share is full; null while writing is not held.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>Reason why writing is held, in the server's words (no space, quota exceeded); null while writing is not held.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Reason why the engine is fenced; null while the engine is not fenced, or when not reported.</summary>
    public string? FencedBecause { get; init; }

    /// <summary>Number of the device's requests that have failed.</summary>
    public long Failures { get; init; }

    /// <summary>The routes to the server; empty when not reported.</summary>
    public IReadOnlyList<EnginePath> Paths { get => field ?? []; init; }

    /// <summary>The traced layers (<c>nfs</c>, <c>fuse</c>) and the trace's path; null without a trace.</summary>
    public string? Trace { get; init; }

    /// <summary>Number of lines that the trace has dropped because they came faster than they could be written.</summary>
    public long TraceDropped { get; init; }

    /// <summary>Most reads in a second, and most writes; 0 for no limit.</summary>
    public long MaxOperations { get; init; }

    /// <summary>Most bytes read in a second, and most bytes written; 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Tells whether the server gave a sign of life just now; null when the server was not asked.</summary>
    public bool? Answers { get; init; }

    /// <summary>Process ID of the keeper, which starts another engine when this engine dies; null without a keeper.</summary>
    public int? KeeperPid { get; init; }

    /// <summary>Number of times that a successor has taken over from a dead engine since the device was attached.</summary>
    public long Restarts { get; init; }
}

/// <summary>One route of an engine to its server. Members are only ever added, as in <see cref="EngineStatus"/>.</summary>
public sealed record EnginePath
{
    /// <summary>Address and port of the server.</summary>
    public string Address { get => field ?? ""; init; }

    /// <summary>True when a connection over this route is up.</summary>
    public bool Connected { get; init; }

    /// <summary>Time since when the route is down; null while the route is up.</summary>
    public DateTimeOffset? DownSince { get; init; }

    /// <summary>Reason why the route is not in use; null while the route is in use.</summary>
    public string? Problem { get; init; }

    public long InFlight { get; init; }

    public long Retransmits { get; init; }

    public long Reconnects { get; init; }

    /// <summary>The network's round trip, microseconds; null when it is not known.</summary>
    public long? RoundTripMicroseconds { get; init; }
}
