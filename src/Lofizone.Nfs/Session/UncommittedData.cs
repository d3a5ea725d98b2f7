namespace Lofizone.Nfs.Session;

/// <summary>
/// What the server has taken but not confirmed to be durable: WRITEs answered UNSTABLE, and DEALLOCATEs, in the order of their answers.
/// Writes to overlapping ranges never run at once (the caller sees to it), so this order is the order of the writes, and sending
/// everything again in this order leaves the newest data. Bounded: who finds no room waits for a COMMIT.
/// </summary>
internal sealed class UncommittedData(WriteBuffers buffers, NfsStatistics statistics)
{
    /// <summary>Most bytes that are kept, including those under way.</summary>
    public const long LimitBytes = 48L << 20;

    /// <summary>From here on a COMMIT is sent in the background.</summary>
    public const long EarlyCommitBytes = 16L << 20;

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private long _reserved;
    private long _kept;
    private long _generation;
    private bool _resending;
    private TaskCompletionSource? _change;

    /// <summary>One write, or a hole when there is no data.</summary>
    public sealed class Entry
    {
        public long Offset { get; init; }

        public long Length { get; init; }

        public byte[]? Data { get; init; }

        public ulong Verifier { get; set; }

        /// <summary>The server has taken it since it was last sent; what it has not, no COMMIT confirms.</summary>
        public bool IsStored { get; set; } = true;
    }

    /// <summary>Writes and holes kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Room for that many more bytes; false when a COMMIT must make some first.</summary>
    public bool TryReserve(int bytes)
    {
        lock (_gate)
        {
            if (_reserved > 0 && _reserved + bytes > LimitBytes)
                return false;
            _reserved += bytes;
        }
        statistics.AddUncommitted(bytes);
        return true;
    }

    /// <summary>Gives up room whose write failed.</summary>
    public void Unreserve(int bytes)
    {
        lock (_gate)
            _reserved -= bytes;
        statistics.AddUncommitted(-bytes);
        SignalChange();
    }

    /// <summary>Completes when room or entries have changed.</summary>
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
    /// <param name="urgent">True when a COMMIT should be sent now: much is kept, or the server has restarted since an earlier write.</param>
    /// <param name="generation">What <see cref="Generation"/> was before the write was first sent.</param>
    /// <returns>False when kept data has been sent again since: older data may lie over this write now, so it must be sent again, too.</returns>
    public bool TryAdd(Entry entry, long generation, out bool urgent)
    {
        lock (_gate)
        {
            urgent = false;
            if (generation != _generation)
                return false;
            urgent = _entries.Count > 0 && entry.Data is not null && _entries[^1] is { Data: not null } last && last.Verifier != entry.Verifier;
            _entries.Add(entry);
            if (entry.Data is not null)
                _kept += entry.Length;
            urgent |= _kept > EarlyCommitBytes || _change is not null;
        }
        SignalChange();
        return true;
    }

    /// <summary>Lets go of the first <paramref name="count"/> entries if COMMIT's verifier is that of all their writes.</summary>
    /// <returns>False when some may be lost: they must be sent again.</returns>
    public bool TryConfirm(int count, ulong verifier)
    {
        long freed = 0;
        lock (_gate)
        {
            count = Math.Min(count, _entries.Count);
            for (int i = 0; i < count; i++)
            {
                if (!_entries[i].IsStored || (_entries[i].Data is not null && _entries[i].Verifier != verifier))
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

    /// <summary>The server could not store the first <paramref name="count"/> entries: they must be sent again before a COMMIT confirms anything.</summary>
    public void MarkNotStored(int count)
    {
        lock (_gate)
        {
            for (int i = 0; i < Math.Min(count, _entries.Count); i++)
                _entries[i].IsStored = false;
        }
    }

    /// <summary>How often kept data has been sent again.</summary>
    public long Generation
    {
        get
        {
            lock (_gate)
                return _generation;
        }
    }

    /// <summary>Everything kept, oldest first. Its buffers stay as they are until <see cref="EndResend"/>, even if a late answer to COMMIT confirms them.</summary>
    public Entry[] BeginResend()
    {
        lock (_gate)
        {
            _generation++;
            _resending = true;
            return [.. _entries];
        }
    }

    public void EndResend()
    {
        lock (_gate)
            _resending = false;
    }

    /// <summary>Forgets everything: the file is fenced or closed.</summary>
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
        if (entry.Data is not { } data)
            return 0;
        // One that is being sent must not be filled by another write: left to the garbage collector.
        if (!_resending)
            buffers.Return(data);
        _reserved -= entry.Length;
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
