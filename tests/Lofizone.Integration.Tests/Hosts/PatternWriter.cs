using Lofizone.Interop;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>
/// Writes blocks without end, many at the same time, by direct I/O with occasional flushes. Knows each block's requested, confirmed and
/// flushed writes. Ends by a call or when a write fails.
/// </summary>
internal sealed class PatternWriter
{
    /// <summary>Number of writes in flight, each in a thread of its own.</summary>
    private const int Threads = 32;

    private const int WritesPerFlush = 16;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(10);

    private readonly string _path;
    private readonly char _owner;
    private readonly int _first;
    private readonly long[] _asked;
    private readonly long[] _confirmed;
    private readonly long[] _flushed;
    private readonly Task[] _threads;
    private volatile bool _stop;
    private long _written;

    private PatternWriter(string path, char owner, int first, int count)
    {
        (_path, _owner, _first) = (path, owner, first);
        (_asked, _confirmed, _flushed) = (new long[count], new long[count], new long[count]);
        _threads = [.. Enumerable.Range(0, Threads).Select(Start)];
    }

    /// <summary>Starts to write the blocks from <paramref name="first"/> on, and waits until many blocks are written.</summary>
    public static async Task<PatternWriter> StartAsync(string path, char owner, int first, int count)
    {
        PatternWriter writer = new(path, owner, first, count);
        await writer.AdvanceAsync(Threads * 4);
        return writer;
    }

    /// <summary>Waits for this number of further writes.</summary>
    public async Task AdvanceAsync(long writes)
    {
        using CancellationTokenSource limit = new(_limit);
        for (long until = Interlocked.Read(ref _written) + writes; Interlocked.Read(ref _written) < until;)
        {
            // No write may fail here.
            if (_threads.FirstOrDefault(t => t.IsFaulted) is { } failed)
                await failed;
            // An event for each write would slow the writers down.
            await Task.Delay(_poll, limit.Token);
        }
    }

    /// <summary>Waits until every thread has met a fenced or dead device's error.</summary>
    public async Task AssertFailsAsync()
    {
        foreach (Task thread in _threads)
        {
            LinuxException error = await Assert.ThrowsAsync<LinuxException>(() => thread.WaitAsync(_limit));
            // EROFS: ext4 has met the error first, and has made the file system read-only.
            Assert.True(error.Errno is Errno.EIO or Errno.EROFS, error.Message);
        }
    }

    /// <summary>Ends the writer after a last flush. No write may have failed.</summary>
    public async Task StopAsync()
    {
        _stop = true;
        await Task.WhenAll(_threads).WaitAsync(_limit);
    }

    /// <summary>Ends the writer, whatever errors it has met.</summary>
    public async Task AbandonAsync()
    {
        _stop = true;
        await Task.WhenAny(Task.WhenAll(_threads), Task.Delay(_limit));
    }

    /// <summary>
    /// Asserts that every block belongs to this writer, which has filled them all. Each block has at least its flushed content, and no
    /// content that was never requested.
    /// </summary>
    public void AssertKept(BlockPattern?[] found) => AssertHolds(found, _flushed);

    /// <summary>
    /// Asserts the same, and that every confirmed write is there, because neither the server nor its machine has crashed.
    /// </summary>
    public void AssertNothingLost(BlockPattern?[] found) => AssertHolds(found, _confirmed);

    /// <summary>
    /// Asserts that each block holds its last write, or its former content. The writer has ended in order, and no other writer has written
    /// since.
    /// </summary>
    public void AssertNobodyElseWrote(BlockPattern?[] before, BlockPattern?[] found)
    {
        Assert.Equal(before.Length, found.Length);
        for (int block = 0; block < found.Length; block++)
        {
            int i = block - _first;
            BlockPattern? expected = i >= 0 && i < _asked.Length && _asked[i] > 0 ? new BlockPattern(_owner, block, _asked[i]) : before[block];
            Assert.True(found[block] == expected, $"{_path}: block {block} holds {Text(found[block])}, and not {Text(expected)}");
        }
    }

    private void AssertHolds(BlockPattern?[] found, long[] least)
    {
        for (int i = 0; i < _asked.Length; i++)
        {
            BlockPattern? block = found[_first + i];
            bool ok = block is { } b && b.Owner == _owner && b.Generation >= Volatile.Read(ref least[i]) && b.Generation <= Volatile.Read(ref _asked[i]);
            Assert.True(ok, $"{_path}: block {_first + i} holds {Text(block)}, and not what {_owner} wrote: generation {least[i]} to {_asked[i]}");
        }
    }

    private static string Text(BlockPattern? block) => block?.ToString() ?? "zeros";

    private Task Start(int thread)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Run(thread);
                ended.SetResult();
            }
            catch (LinuxException error)
            {
                ended.SetException(error);
            }
        })
        {
            IsBackground = true,
            Name = "pattern",
        }.Start();
        return ended.Task;
    }

    /// <summary>Each thread has blocks of its own, so that the order of their writes is known.</summary>
    private void Run(int thread)
    {
        using FileDescriptor file = Files.Open(_path, OpenFlags.ReadWrite | OpenFlags.Direct);
        Span<byte> block = PatternFile.Aligned(BlockPattern.Bytes).Span;
        Random random = new(thread);
        Queue<int> unflushed = new();
        int mine = (_asked.Length - thread + Threads - 1) / Threads;
        while (!_stop)
        {
            int i = thread + (random.Next(mine) * Threads);
            long generation = _asked[i] + 1;
            Volatile.Write(ref _asked[i], generation);
            new BlockPattern(_owner, _first + i, generation).Write(block);
            FileContent.Write(file, block, (long)(_first + i) * BlockPattern.Bytes);
            Volatile.Write(ref _confirmed[i], generation);
            Interlocked.Increment(ref _written);
            unflushed.Enqueue(i);
            if (unflushed.Count >= WritesPerFlush)
                Flush(file, unflushed);
        }

        Flush(file, unflushed);
    }

    private void Flush(FileDescriptor file, Queue<int> unflushed)
    {
        FileContent.Sync(file);
        while (unflushed.TryDequeue(out int i))
            Volatile.Write(ref _flushed[i], _confirmed[i]);
    }
}
