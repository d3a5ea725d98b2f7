using System.Collections;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Statistics;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Data that the server has taken and not confirmed to be durable: WRITEs answered UNSTABLE, and DEALLOCATEs, in the order of their
/// answers. The caller never has two writes to overlapping ranges under way, so the order of the answers is the order of the writes. A
/// resending of all data in this order leaves the newest data. The amount is bounded: a write that finds no room waits for a COMMIT.
/// </summary>
/// <remarks>
/// With <paramref name="keep"/>, an entry is written to that memory before the entry counts here, and is removed from that memory after the
/// entry ceases to count. So a successor finds every entry after a kill.
/// </remarks>
internal sealed class UncommittedData(WriteBuffers buffers, NfsStatistics statistics, NfsResumeMemory? keep = null)
{
    /// <summary>Limit for all buffers, those of unanswered writes included, bytes.</summary>
    public const long LimitBytes = 48L << 20;

    /// <summary>Amount of kept data from which on a COMMIT is sent in the background, bytes.</summary>
    public const long EarlyCommitBytes = 16L << 20;

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private long _reserved;
    private long _kept;
    private long _generation;
    private readonly List<WriteBuffer> _givenBackLater = [];
    private readonly BitArray _holes = new(NfsResumeMemory.Holes);
    private ulong _order;
    private bool _resending;
    private TaskCompletionSource? _change;

    /// <summary>A write; a hole if the entry has no data.</summary>
    public sealed class Entry
    {
        public long Offset { get; init; }

        public long Length { get; init; }

        /// <summary>The data; null for a hole.</summary>
        public WriteBuffer? Buffer { get; init; }

        /// <summary>Number of the entry in <see cref="NfsResumeMemory"/>.</summary>
        public int Number { get; init; }

        public ulong Verifier { get; set; }

        /// <summary>
        /// The server has taken the entry since the entry was last sent. No COMMIT confirms an entry that the server has not taken.
        /// </summary>
        public bool IsStored { get; set; } = true;

        public bool IsHole => Buffer is null;

        /// <summary>The entry is confirmed or given up. <see cref="Number"/> may now belong to another entry.</summary>
        public bool IsReleased { get; set; }
    }

    /// <summary>Number of kept writes and holes.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Rents a buffer for that many bytes. False when a COMMIT must first make room.</summary>
    public bool TryRent(int bytes, out WriteBuffer buffer)
    {
        int size = WriteBuffers.SizeFor(bytes);
        lock (_gate)
        {
            buffer = default;
            if (_reserved + size > LimitBytes || !buffers.TryRent(bytes, out buffer))
                return false;
            _reserved += size;
        }
        statistics.AddUncommitted(bytes);
        return true;
    }

    /// <summary>Gives back the room of a write that failed.</summary>
    public void GiveBack(in WriteBuffer buffer)
    {
        lock (_gate)
        {
            _reserved -= WriteBuffers.SizeFor(buffer.Memory.Length);
            buffers.Return(buffer);
        }
        statistics.AddUncommitted(-buffer.Memory.Length);
        SignalChange();
    }

    /// <summary>Takes a number for a hole. False when a COMMIT must first free a number.</summary>
    public bool TryTakeHole(out int number)
    {
        lock (_gate)
        {
            for (int hole = 0; hole < _holes.Length; hole++)
            {
                if (_holes[hole])
                    continue;
                _holes[hole] = true;
                number = NfsResumeMemory.DataPages + hole;
                return true;
            }
        }
        number = -1;
        return false;
    }

    /// <summary>Gives up the number of a hole that was not made.</summary>
    public void GiveBackHole(int number)
    {
        lock (_gate)
            _holes[number - NfsResumeMemory.DataPages] = false;
        SignalChange();
    }

    /// <summary>Completes with the next change of room or entries.</summary>
    public Task WhenChangedAsync()
    {
        lock (_gate)
        {
            _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _change.Task;
        }
    }

    /// <summary>Keeps an answered write.</summary>
    /// <param name="entry">The write.</param>
    /// <param name="urgent">
    /// True when a COMMIT should be sent now: much data is kept, or the server has restarted since an earlier write.
    /// </param>
    /// <param name="generation">The value of <see cref="Generation"/> before the write was first sent.</param>
    /// <returns>
    /// False when kept data has been sent again since. Older data may have overwritten this write then, so the write must be sent again,
    /// too.
    /// </returns>
    public bool TryAdd(Entry entry, long generation, out bool urgent)
    {
        lock (_gate)
        {
            urgent = false;
            if (generation != _generation)
                return false;
            urgent = _entries.Count > 0 && !entry.IsHole && _entries[^1] is { IsHole: false } last && last.Verifier != entry.Verifier;
            keep?.Publish(
                entry.Number,
                new NfsResumeMemory.Entry { Order = ++_order, Offset = entry.Offset, Length = entry.Length, Verifier = entry.Verifier });
            _entries.Add(entry);
            if (!entry.IsHole)
                _kept += entry.Length;
            urgent |= _kept > EarlyCommitBytes || _change is not null;
        }
        SignalChange();
        return true;
    }

    /// <summary>
    /// Lets go of the first <paramref name="count"/> entries if COMMIT returned the write verifier of all of them (RFC 8881 section
    /// 18.3.4).
    /// </summary>
    /// <param name="count">The value of <see cref="Count"/> before the COMMIT was sent.</param>
    /// <param name="verifier">The write verifier that COMMIT returned.</param>
    /// <param name="generation">
    /// The value of <see cref="Generation"/> before the COMMIT was sent. The COMMIT does not cover data that was sent again later.
    /// </param>
    /// <returns>False when some entries may be lost and must be sent again.</returns>
    public bool TryConfirm(int count, ulong verifier, long generation)
    {
        long freed = 0;
        lock (_gate)
        {
            if (generation != _generation)
                return false;
            count = Math.Min(count, _entries.Count);
            for (int i = 0; i < count; i++)
            {
                if (!_entries[i].IsStored || (!_entries[i].IsHole && _entries[i].Verifier != verifier))
                    return false;
            }
            for (int i = 0; i < count; i++)
                freed += Release(_entries[i]);
            _entries.RemoveRange(0, count);
        }
        statistics.AddUncommitted(-freed);
        SignalChange();
        return true;
    }

    /// <summary>
    /// Notes that the server could not store the first <paramref name="count"/> entries. These entries must be sent again before a COMMIT
    /// confirms any.
    /// </summary>
    public void MarkNotStored(int count)
    {
        lock (_gate)
        {
            for (int i = 0; i < Math.Min(count, _entries.Count); i++)
            {
                _entries[i].IsStored = false;
                // A successor finds a verifier that no server confirms.
                keep?.SetVerifier(_entries[i].Number, ~_entries[i].Verifier);
            }
        }
    }

    /// <summary>Number of times that kept data has been sent again.</summary>
    public long Generation
    {
        get
        {
            lock (_gate)
                return _generation;
        }
    }

    /// <summary>
    /// All kept entries, oldest first. Their buffers stay unchanged until <see cref="EndResend"/>, even if a late answer to a COMMIT
    /// confirms the entries.
    /// </summary>
    public Entry[] BeginResend()
    {
        lock (_gate)
        {
            _generation++;
            _resending = true;
            foreach (Entry entry in _entries)
                entry.IsStored = false;
            return [.. _entries];
        }
    }

    public void EndResend()
    {
        lock (_gate)
        {
            _resending = false;
            foreach (WriteBuffer buffer in _givenBackLater)
                buffers.Return(buffer);
            _givenBackLater.Clear();
        }
        SignalChange();
    }

    /// <summary>Notes the verifier under which an entry's data has been written again.</summary>
    public void SetVerifier(Entry entry, ulong verifier)
    {
        lock (_gate)
        {
            entry.Verifier = verifier;
            // An entry that was confirmed in the meantime has given up its number.
            if (!entry.IsReleased)
                keep?.SetVerifier(entry.Number, verifier);
        }
    }

    /// <summary>Takes over the entries of a predecessor, in their order. True when all writes have the same write verifier.</summary>
    /// <exception cref="InvalidDataException">The memory holds content that no predecessor can have written.</exception>
    public bool Restore()
    {
        List<(int Number, NfsResumeMemory.Entry Entry)> kept = keep?.ReadEntries() ?? [];
        kept.Sort(static (a, b) => a.Entry.Order.CompareTo(b.Entry.Order));
        ulong? verifier = null;
        bool same = true;
        lock (_gate)
        {
            foreach ((int number, NfsResumeMemory.Entry entry) in kept)
            {
                WriteBuffer? buffer = null;
                if (number >= NfsResumeMemory.DataPages)
                {
                    _holes[number - NfsResumeMemory.DataPages] = true;
                    same &= entry.Verifier == 0;
                }
                else
                {
                    buffer = entry.Length > int.MaxValue ? null : buffers.Restore(number, (int)entry.Length);
                    if (buffer is null)
                        throw new InvalidDataException($"uncommitted data {number}: {entry.Length} bytes can't have been kept there");
                    same &= (verifier ??= entry.Verifier) == entry.Verifier;
                    _reserved += WriteBuffers.SizeFor((int)entry.Length);
                    _kept += entry.Length;
                    statistics.AddUncommitted(entry.Length);
                }
                _entries.Add(new Entry
                {
                    Offset = entry.Offset,
                    Length = entry.Length,
                    Buffer = buffer,
                    Number = number,
                    Verifier = entry.Verifier,
                });
                _order = entry.Order;
            }
        }
        return same;
    }

    /// <summary>Forgets all entries, because the file is fenced or closed.</summary>
    public void Clear()
    {
        long freed = 0;
        lock (_gate)
        {
            foreach (Entry entry in _entries)
                freed += Release(entry);
            _entries.Clear();
        }
        statistics.AddUncommitted(-freed);
        SignalChange();
    }

    private long Release(Entry entry)
    {
        keep?.Withdraw(entry.Number);
        entry.IsReleased = true;
        if (entry.Buffer is not { } buffer)
        {
            _holes[entry.Number - NfsResumeMemory.DataPages] = false;
            return 0;
        }
        // No other write may fill a buffer that is being sent.
        if (_resending)
            _givenBackLater.Add(buffer);
        else
            buffers.Return(buffer);
        _reserved -= WriteBuffers.SizeFor(buffer.Memory.Length);
        _kept -= entry.Length;
        return entry.Length;
    }

    private void SignalChange()
    {
        TaskCompletionSource? change;
        lock (_gate)
        {
            change = _change;
            _change = null;
        }
        change?.SetResult();
    }
}
