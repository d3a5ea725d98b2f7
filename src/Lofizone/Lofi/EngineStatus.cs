namespace Lofizone.Lofi;

/// <summary>How an engine is, as it tells over its control socket.</summary>
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
}
