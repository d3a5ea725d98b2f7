using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Nfs.Resume;

/// <summary>
/// Bounded memory in which a client keeps what a successor needs when its process is killed: who it is to the server, session, state IDs,
/// and the data that no COMMIT has confirmed yet (<c>NfsClient.Resume</c>). It survives as long as some process
/// holds its descriptor. Its content makes sense at every moment, since a kill leaves no time to tidy up:
/// </summary>
/// <remarks>
/// <para>The state has two places and a checksum; the older place is overwritten, so one of them is always whole.</para>
/// <para>Data that is kept has an entry with the same number as its first page. The order in an entry, one aligned word, is written last
/// and
/// cleared first: an entry with an order describes data that is complete and belongs to nobody else.</para>
/// <para>From the start: <see cref="ReservedBytes"/> for whoever holds the memory, the two places of the state, entries of data, entries of
/// holes, data.</para>
/// </remarks>
public sealed class NfsResumeMemory
{
    /// <summary>At the start, for the holder's own use, bytes.</summary>
    public const int ReservedBytes = 4096;

    /// <summary>A page and a chunk of the data, as powers of two.</summary>
    internal const int PageShift = 12;

    internal const int ChunkShift = 20;

    private const int PageBytes = 1 << PageShift;
    private const int ChunkBytes = 1 << ChunkShift;

    /// <summary>Chunks of 1 MiB for data: what may be uncommitted, and some for sizes that don't fill theirs.</summary>
    internal const int Chunks = 80;

    /// <summary>DEALLOCATEs that can be kept.</summary>
    internal const int Holes = 4096;

    internal const int DataPages = Chunks * (ChunkBytes / PageBytes);

    private const int StateBytes = 4096;
    private const int StateAt = ReservedBytes;
    private const int EntriesAt = StateAt + (2 * StateBytes);
    private const int Entries = DataPages + Holes;
    private const int EntryBytes = 32;
    private const int DataAt = EntriesAt + (Entries * EntryBytes);

    /// <summary>Size of the whole, bytes; only what is used takes memory.</summary>
    public const int TotalBytes = DataAt + (Chunks * ChunkBytes);

    private readonly SharedMemory _memory;
    private readonly Lock _stateGate = new();

    public NfsResumeMemory(SharedMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(memory.Length, TotalBytes);
        _memory = memory;
        Data = memory.Memory.Slice(DataAt, Chunks * ChunkBytes);
    }

    /// <summary>New memory.</summary>
    public static NfsResumeMemory Create() => new(SharedMemory.Create("lofizone", TotalBytes));

    /// <summary>Names it for other processes.</summary>
    public FileDescriptor Descriptor => _memory.Descriptor;

    /// <summary>The holder's own part.</summary>
    public Memory<byte> Reserved => _memory.Memory[..ReservedBytes];

    internal Memory<byte> Data { get; }

    /// <summary>What an entry says. Holes have no data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry
    {
        /// <summary>0: unused; otherwise entries count up in the order of their writes.</summary>
        public ulong Order;
        public long Offset;
        public long Length;
        public ulong Verifier;
    }

    /// <summary>Makes an entry valid, once everything it describes is in place.</summary>
    internal void Publish(int number, in Entry entry)
    {
        ref Entry kept = ref At(number);
        kept.Offset = entry.Offset;
        kept.Length = entry.Length;
        kept.Verifier = entry.Verifier;
        Volatile.Write(ref kept.Order, entry.Order);
    }

    /// <summary>Makes an entry invalid, before anything it describes is used for something else.</summary>
    internal void Withdraw(int number)
    {
        Volatile.Write(ref At(number).Order, 0);
        // Whoever gets the pages next may write to them from another thread.
        Interlocked.MemoryBarrier();
    }

    /// <summary>The data of an entry has been written again, under another verifier.</summary>
    internal void SetVerifier(int number, ulong verifier) => Volatile.Write(ref At(number).Verifier, verifier);

    /// <summary>Valid entries, by number; those that can't be are left out.</summary>
    internal List<(int Number, Entry Entry)> ReadEntries()
    {
        List<(int, Entry)> entries = [];
        for (int number = 0; number < Entries; number++)
        {
            Entry entry = At(number);
            if (entry is { Order: > 0, Offset: >= 0, Length: > 0 })
                entries.Add((number, entry));
        }

        return entries;
    }

    /// <summary>Replaces the state. Safe from any thread, and at any moment of a kill.</summary>
    internal void WriteState(NfsResumeState state)
    {
        lock (_stateGate)
        {
            int newest = NewestState();
            ulong sequence = newest < 0 ? 1 : NfsResumeState.SequenceOf(StatePlace(newest)) + 1;
            state.Write(StatePlace(newest == 0 ? 1 : 0), sequence);
        }
    }

    /// <summary>The newest whole state, or null when there has never been any.</summary>
    internal NfsResumeState? ReadState()
    {
        lock (_stateGate)
            return NewestState() is >= 0 and var newest ? NfsResumeState.Read(StatePlace(newest)) : null;
    }

    /// <summary>Gives pages of data back to the system.</summary>
    internal void FreeData(int offset, int length) => _memory.Free(DataAt + offset, length);

    private int NewestState()
    {
        (bool first, bool second) = (NfsResumeState.IsWhole(StatePlace(0)), NfsResumeState.IsWhole(StatePlace(1)));
        if (first && second)
            return NfsResumeState.SequenceOf(StatePlace(0)) > NfsResumeState.SequenceOf(StatePlace(1)) ? 0 : 1;
        return first ? 0 : second ? 1 : -1;
    }

    private Span<byte> StatePlace(int place) => _memory.GetSpan().Slice(StateAt + (place * StateBytes), StateBytes);

    private ref Entry At(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)Entries);
        return ref Unsafe.As<byte, Entry>(ref _memory.GetSpan()[EntriesAt + (number * EntryBytes)]);
    }
}
