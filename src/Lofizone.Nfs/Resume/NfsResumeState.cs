using System.Buffers.Binary;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Resume;

/// <summary>
/// The state with which a successor takes over a client's session and its one locked file (<see cref="NfsResumeMemory"/>).
/// </summary>
internal sealed record NfsResumeState
{
    private const int HeadBytes = 24;
    private const int OwnerLimitBytes = 1024;
    private const int HandleLimitBytes = 128;
    private const int PathLimitBytes = 1024;
    private const int IdentityLimitBytes = 64;
    private const ulong HashStart = 14695981039346656037;
    private const ulong HashPrime = 1099511628211;

    public byte[] ClientOwner { get; init; } = [];

    /// <summary>co_verifier of EXCHANGE_ID. An unchanged verifier tells the server that the client is the same.</summary>
    public ulong Verifier { get; init; }

    public int MinorVersion { get; init; }

    public ulong ClientId { get; init; }

    /// <summary>csa_sequence of the next CREATE_SESSION.</summary>
    public uint CreateSequence { get; init; }

    public SessionId Session { get; init; }

    /// <summary>The server has forgotten opens and locks, and the client has not finished reclaiming them.</summary>
    public bool ReclaimNeeded { get; init; }

    /// <summary>All state is reclaimed; RECLAIM_COMPLETE may be missing.</summary>
    public bool StateReclaimed { get; init; }

    /// <summary>The server may have lost uncommitted data, which is not written again yet.</summary>
    public bool ResendNeeded { get; init; }

    public FileState? File { get; init; }

    /// <summary>Digest of the server's owner and scope (RFC 8881 section 2.10.4), hexadecimal; empty when it is not known.</summary>
    public string ServerIdentity { get; init; } = "";

    /// <summary>An open, locked file.</summary>
    public sealed record FileState
    {
        public string Path { get; init; } = "";

        public byte[] Handle { get; init; } = [];

        /// <summary>Open owner and lock owner.</summary>
        public byte[] Owner { get; init; } = [];

        public bool DenyWrite { get; init; }

        public bool Synchronous { get; init; }

        public StateId Open { get; init; }

        public StateId? Lock { get; init; }

        public long Length { get; init; }

        public int ReadBytes { get; init; }

        public int WriteBytes { get; init; }

        /// <summary>0, or the status that fenced the file. A fenced file is never used again.</summary>
        public uint FencedBy { get; init; }
    }

    public static ulong SequenceOf(ReadOnlySpan<byte> place) => BinaryPrimitives.ReadUInt64LittleEndian(place);

    /// <summary>Tells whether length and checksum fit the content of the place.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> place)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(place[16..]);
        return SequenceOf(place) > 0 && length > 0 && length <= place.Length - HeadBytes
            && BinaryPrimitives.ReadUInt64LittleEndian(place[8..]) == Hash(SequenceOf(place), place.Slice(HeadBytes, length));
    }

    /// <summary>Overwrites the place. The place is not whole until its last byte is written.</summary>
    public void Write(Span<byte> place, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(place[8..], 0);
        Interlocked.MemoryBarrier();
        XdrWriter writer = new(place[HeadBytes..]);
        writer.WriteOpaque(ClientOwner);
        writer.WriteUInt64(Verifier);
        writer.WriteUInt32((uint)MinorVersion);
        writer.WriteUInt64(ClientId);
        writer.WriteUInt32(CreateSequence);
        Session.Write(ref writer);
        writer.WriteBool(ReclaimNeeded);
        writer.WriteBool(StateReclaimed);
        writer.WriteBool(ResendNeeded);
        writer.WriteBool(File is not null);
        if (File is not null)
            WriteFile(ref writer, File);
        writer.WriteString(ServerIdentity);
        BinaryPrimitives.WriteInt32LittleEndian(place[16..], writer.Position);
        BinaryPrimitives.WriteUInt64LittleEndian(place, sequence);
        Interlocked.MemoryBarrier();
        BinaryPrimitives.WriteUInt64LittleEndian(place[8..], Hash(sequence, place.Slice(HeadBytes, writer.Position)));
    }

    public static NfsResumeState Read(ReadOnlySpan<byte> place)
    {
        XdrReader reader = new(place.Slice(HeadBytes, BinaryPrimitives.ReadInt32LittleEndian(place[16..])));
        return new NfsResumeState
        {
            ClientOwner = reader.ReadOpaque(OwnerLimitBytes).ToArray(),
            Verifier = reader.ReadUInt64(),
            MinorVersion = (int)reader.ReadUInt32(),
            ClientId = reader.ReadUInt64(),
            CreateSequence = reader.ReadUInt32(),
            Session = SessionId.Read(ref reader),
            ReclaimNeeded = reader.ReadBool(),
            StateReclaimed = reader.ReadBool(),
            ResendNeeded = reader.ReadBool(),
            File = reader.ReadBool() ? ReadFile(ref reader) : null,
            // An older version of this program has kept no identity.
            ServerIdentity = reader.Remaining > 0 ? reader.ReadString(IdentityLimitBytes) : "",
        };
    }

    private static void WriteFile(ref XdrWriter writer, FileState file)
    {
        writer.WriteString(file.Path);
        writer.WriteOpaque(file.Handle);
        writer.WriteOpaque(file.Owner);
        writer.WriteBool(file.DenyWrite);
        writer.WriteBool(file.Synchronous);
        file.Open.Write(ref writer);
        writer.WriteBool(file.Lock is not null);
        file.Lock?.Write(ref writer);
        writer.WriteInt64(file.Length);
        writer.WriteUInt32((uint)file.ReadBytes);
        writer.WriteUInt32((uint)file.WriteBytes);
        writer.WriteUInt32(file.FencedBy);
    }

    private static FileState ReadFile(ref XdrReader reader) => new()
    {
        Path = reader.ReadString(PathLimitBytes),
        Handle = reader.ReadOpaque(HandleLimitBytes).ToArray(),
        Owner = reader.ReadOpaque(OwnerLimitBytes).ToArray(),
        DenyWrite = reader.ReadBool(),
        Synchronous = reader.ReadBool(),
        Open = StateId.Read(ref reader),
        Lock = reader.ReadBool() ? StateId.Read(ref reader) : null,
        Length = reader.ReadInt64(),
        ReadBytes = (int)reader.ReadUInt32(),
        WriteBytes = (int)reader.ReadUInt32(),
        FencedBy = reader.ReadUInt32(),
    };

    /// <summary>FNV-1a. The hash detects half-written states and does not protect from attackers.</summary>
    private static ulong Hash(ulong sequence, ReadOnlySpan<byte> bytes)
    {
        ulong hash = HashStart ^ sequence;
        foreach (byte b in bytes)
            hash = (hash ^ b) * HashPrime;
        return hash;
    }
}
