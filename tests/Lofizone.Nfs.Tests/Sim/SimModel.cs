using System.Buffers.Binary;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>
/// The possible content of the file. Every write fills its cells (8 bytes) with a stamp of its own, so that each cell names its write. A
/// cell may hold the last acknowledged write, a write that overlaps the read in time, or a write that failed after the acknowledged one.
/// </summary>
internal sealed class SimModel
{
    public const int CellBytes = 8;

    private readonly ulong[][] _allowed;
    private readonly List<Change> _changes = [];
    private ulong _lastStamp;

    public SimModel(int cells)
    {
        _allowed = new ulong[cells][];
        Array.Fill(_allowed, [0]);
    }

    public int Cells => _allowed.Length;

    /// <summary>A write, or a hole (stamp 0).</summary>
    public sealed record Change(ulong Stamp, int First, int Count)
    {
        public bool Covers(int cell) => cell >= First && cell < First + Count;

        public override string ToString() => Stamp == 0 ? $"hole at {First * CellBytes}+{Count * CellBytes}" : $"write {Stamp} at {First * CellBytes}+{Count * CellBytes}";
    }

    /// <summary>The content that was allowed when a read or a flush began.</summary>
    public sealed record Moment(ulong[][] Allowed, int Changes);

    /// <summary>Begins a write or a hole. No two changes of a cell overlap in time.</summary>
    public Change Begin(int first, int count, bool isHole)
    {
        Change change = new(isHole ? 0 : ++_lastStamp, first, count);
        _changes.Add(change);
        for (int cell = first; cell < first + count; cell++)
        {
            if (!_allowed[cell].Contains(change.Stamp))
                _allowed[cell] = [.. _allowed[cell], change.Stamp];
        }
        return change;
    }

    /// <summary>Notes the success of a change. A failed change stays possible until a later one succeeds.</summary>
    public void Acknowledge(Change change)
    {
        for (int cell = change.First; cell < change.First + change.Count; cell++)
            _allowed[cell] = [change.Stamp];
    }

    public Moment Now() => new([.. _allowed], _changes.Count);

    /// <summary>Null when every cell holds content that was allowed at some time since the moment; otherwise the fault.</summary>
    /// <param name="since">The beginning of the read or the flush.</param>
    /// <param name="content">The content that was read.</param>
    /// <param name="first">The first cell of the content.</param>
    public string? Check(Moment since, ReadOnlySpan<byte> content, int first)
    {
        for (int i = 0; i < content.Length / CellBytes; i++)
        {
            ulong found = BinaryPrimitives.ReadUInt64LittleEndian(content[(i * CellBytes)..]);
            int cell = first + i;
            if (since.Allowed[cell].Contains(found) || _changes.Skip(since.Changes).Any(change => change.Stamp == found && change.Covers(cell)))
                continue;
            return $"byte {cell * CellBytes} holds {Name(found, cell)}, allowed: {string.Join(", ", since.Allowed[cell].Select(stamp => Name(stamp, cell)))}";
        }
        return null;
    }

    public static byte[] Data(Change change)
    {
        byte[] data = new byte[change.Count * CellBytes];
        for (int at = 0; at < data.Length; at += CellBytes)
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(at), change.Stamp);
        return data;
    }

    public static ulong FirstStamp(ReadOnlySpan<byte> data) => data.Length < CellBytes ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(data);

    private string Name(ulong stamp, int cell)
    {
        if (stamp == 0)
            return "nothing";
        return _changes.Find(change => change.Stamp == stamp) is not { } change ? $"garbage {stamp:x}"
            : change.Covers(cell) ? $"write {stamp}" : $"write {stamp}, which was elsewhere";
    }
}
