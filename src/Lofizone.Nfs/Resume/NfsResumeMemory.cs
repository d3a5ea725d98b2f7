using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Nfs.Resume;

/// <summary>
/// Bounded memory in which a client keeps the state that a successor needs when this process is killed: the client's identity, the session,
/// state IDs, and the data that no COMMIT has confirmed yet (<c>NfsClient.Resume</c>). The memory lives as long as a process holds its
/// descriptor. A kill leaves no time to tidy up, so the content must make sense at every moment.
/// </summary>
/// <remarks>
/// <para>The state has two places and a checksum. The older place is overwritten, so one of the two is always whole.</para>
/// <para>Kept data has an entry with the same number as the data's first page. The order in an entry, one aligned word, is written last and
/// cleared first. So an entry with an order describes data that is complete and belongs to no other entry.</para>
/// <para>Layout from the start: <see cref="ReservedBytes"/> for the holder of the memory, the two places of the state, entries of data,
/// entries of holes, data.</para>
/// </remarks>
public sealed class NfsResumeMemory
{
    /// <summary>Size of the part at the start that is for the holder's own use, bytes.</summary>
    public const int ReservedBytes = 4096;

    /// <summary>Sizes of a page and of a chunk of data, as powers of two.</summary>
    internal const int PageShift = 12;

    internal const int ChunkShift = 20;

    private const int PageBytes = 1 << PageShift;
    private const int ChunkBytes = 1 << ChunkShift;

    /// <summary>
    /// Number of chunks of 1 MiB for data: room for the uncommitted data, and some chunks for sizes that do not fill theirs.
    /// </summary>
    internal const int Chunks = 80;

    /// <summary>Number of DEALLOCATEs that can be kept.</summary>
    internal const int Holes = 4096;

    internal const int DataPages = Chunks * (ChunkBytes / PageBytes);

    private const int StateBytes = 4096;
    private const int StateAt = ReservedBytes;
    private const int EntriesAt = StateAt + (2 * StateBytes);
    private const int Entries = DataPages + Holes;
    private const int EntryBytes = 32;
    private const int DataAt = EntriesAt + (Entries * EntryBytes);

    /// <summary>Size of the whole memory, bytes. Only used pages take memory.</summary>
    public const int TotalBytes = DataAt + (Chunks * ChunkBytes);

    private readonly SharedMemory _memory;
    private readonly Lock _stateGate = new();

    public NfsResumeMemory(SharedMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(memory.Length, TotalBytes);
        _memory = memory;
        Data = memory.Memory.Slice(DataAt, Chunks * ChunkBytes);
    }

    /// <summary>Makes new memory.</summary>
    public static NfsResumeMemory Create() => new(SharedMemory.Create("lofizone", TotalBytes));

    /// <summary>Descriptor by which other processes get the memory.</summary>
    public FileDescriptor Descriptor => _memory.Descriptor;

    /// <summary>The part for the holder's own use.</summary>
    public Memory<byte> Reserved => _memory.Memory[..ReservedBytes];

    internal Memory<byte> Data { get; }

    /// <summary>The content of an entry. Holes have no data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry
    {
        /// <summary>0: unused; otherwise a number that counts up in the order of the writes.</summary>
        public ulong Order;
        public long Offset;
        public long Length;
        public ulong Verifier;
    }

    /// <summary>Makes an entry valid. All data that the entry describes must be in place.</summary>
    internal void Publish(int number, in Entry entry)
    {
        ref Entry kept = ref At(number);
        kept.Offset = entry.Offset;
        kept.Length = entry.Length;
        kept.Verifier = entry.Verifier;
        Volatile.Write(ref kept.Order, entry.Order);
    }

    /// <summary>Makes an entry invalid, before the pages that the entry describes get another use.</summary>
    internal void Withdraw(int number)
    {
        Volatile.Write(ref At(number).Order, 0);
        // The next user of the pages may write to them from another thread.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Notes that the data of an entry has been written again, under another verifier.</summary>
    internal void SetVerifier(int number, ulong verifier) => Volatile.Write(ref At(number).Verifier, verifier);

    /// <summary>Valid entries, by number. Entries with impossible content are left out.</summary>
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

    /// <summary>Replaces the state. Safe from any thread, and safe against a kill at any moment.</summary>
    internal void WriteState(NfsResumeState state)
    {
        lock (_stateGate)
        {
            int newest = NewestState();
            ulong sequence = newest < 0 ? 1 : NfsResumeState.SequenceOf(StatePlace(newest)) + 1;
            state.Write(StatePlace(newest == 0 ? 1 : 0), sequence);
        }
    }

    /// <summary>The newest whole state; null when no state was ever written.</summary>
    internal NfsResumeState? ReadState()
    {
        lock (_stateGate)
            return NewestState() is >= 0 and var newest ? NfsResumeState.Read(StatePlace(newest)) : null;
    }

    /// <summary>Returns pages of data to the system.</summary>
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
