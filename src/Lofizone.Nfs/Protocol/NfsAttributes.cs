namespace Lofizone.Nfs.Protocol;

/// <summary>Type of a file (nfs_ftype4, RFC 8881 section 3.3.1).</summary>
public enum NfsFileType
{
    Regular = 1,
    Directory = 2,
    BlockDevice = 3,
    CharacterDevice = 4,
    SymbolicLink = 5,
    Socket = 6,
    Fifo = 7,
    AttributeDirectory = 8,
    NamedAttribute = 9,
}

/// <summary>Attributes of a file (RFC 8881 section 5). A value that the server does not support is 0 or empty.</summary>
public sealed record NfsAttributes
{
    public NfsFileType Type { get; init; } = NfsFileType.Regular;

    /// <summary>Length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Space that the file takes on the server, bytes.</summary>
    public long SpaceUsed { get; init; }

    /// <summary>A value that changes whenever data or attributes change.</summary>
    public ulong Change { get; init; }

    public ulong FileId { get; init; }

    /// <summary>Permission bits, 0..0xFFF.</summary>
    public uint Mode { get; init; }

    public uint Links { get; init; }

    /// <summary>The owner in the server's form: a number or user@domain.</summary>
    public string Owner { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>Time of the last change of the data.</summary>
    public DateTimeOffset Modified { get; init; }

    internal long MaxRead { get; init; }

    internal long MaxWrite { get; init; }

    internal int LeaseSeconds { get; init; }

    internal NfsSpace Space { get; init; } = new(0, 0, 0);
}

/// <summary>Space of a file system on the server, in bytes.</summary>
/// <param name="Total">Size of the file system.</param>
/// <param name="Free">Unused bytes.</param>
/// <param name="Available">Unused bytes that this identity may take.</param>
public sealed record NfsSpace(long Total, long Free, long Available);

/// <summary>One name in a directory.</summary>
public sealed record NfsDirectoryEntry(string Name, NfsAttributes Attributes);

/// <summary>The holder of a conflicting lock (LOCK4denied, RFC 8881 section 18.10.2).</summary>
/// <param name="ClientId">The holder's client ID on the server.</param>
/// <param name="Owner">The holder's lock owner, printable. The lock owners of this client begin with the machine name.</param>
public sealed record NfsLockHolder(ulong ClientId, string Owner);
