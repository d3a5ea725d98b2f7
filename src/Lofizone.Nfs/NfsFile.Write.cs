using System.Runtime.CompilerServices;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>Writing and committing: data is kept until COMMIT confirms the write verifier of its WRITE (RFC 8881 section 18.3.4).</summary>
public sealed partial class NfsFile
{
    private readonly Lock _commitGate = new();
    private TaskCompletionSource? _runningCommit;
    private TaskCompletionSource? _nextCommit;

    /// <summary>Writes all of the data; it is copied, so the memory is the caller's again when the task completes. Durable after <see cref="CommitAsync"/>.</summary>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (data.Length <= _writeBytes)
            return WritePartAsync(offset, data, cancellation);
        return WritePartsAsync(offset, data, cancellation);
    }

    /// <summary>Completes when every write that completed before is on the server's stable storage.</summary>
    public ValueTask CommitAsync(CancellationToken cancellation = default)
    {
        Task commit = StartCommit();
        return new ValueTask(cancellation.CanBeCanceled ? commit.WaitAsync(cancellation) : commit);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WritePartAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        if (data.IsEmpty)
            return;
        ThrowIfUnusable();
        WriteBuffer buffer;
        while (!_uncommitted.TryRent(data.Length, out buffer))
        {
            if (await MakeRoomAsync(data.Length, cancellation) is not { } made)
                continue;
            buffer = made;
            break;
        }
        data.Span.CopyTo(buffer.Memory.Span);
        bool kept = false;
        try
        {
            while (!kept)
            {
                long generation = _uncommitted.Generation;
                (ulong verifier, bool durable) = await SendAsync(offset, buffer.Memory, cancellation);
                // Also data that is durable already takes its place in the order when older data for the same range may be sent again.
                // Nothing older is kept that could have been sent again over it meanwhile.
                if (durable && _uncommitted.Count == 0 && _uncommitted.Generation == generation)
                    break;
                UncommittedData.Entry entry = new() { Offset = offset, Length = data.Length, Buffer = buffer, Number = buffer.Page, Verifier = verifier };
                kept = _uncommitted.TryAdd(entry, generation, out bool urgent);
                if (urgent)
                    CommitInBackground();
            }
        }
        finally
        {
            if (!kept)
                _uncommitted.GiveBack(buffer);
        }
        if (_fence is not null)
        {
            _uncommitted.Clear();
            ThrowIfUnusable();
        }
        GrowTo(offset + data.Length);
    }

    private async ValueTask WritePartsAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        List<Task> parts = new(data.Length / _writeBytes + 1);
        for (int at = 0; at < data.Length; at += _writeBytes)
            parts.Add(WritePartAsync(offset + at, data.Slice(at, Math.Min(_writeBytes, data.Length - at)), cancellation).AsTask());
        await Task.WhenAll(parts);
    }

    /// <summary>Sends until all bytes are taken under one and the same verifier.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(ulong Verifier, bool Durable)> SendAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        int done = 0;
        int attempt = 0;
        ulong verifier = 0;
        bool durable = true;
        Holding? holding = null;
        try
        {
            while (true)
            {
                ThrowIfUnusable();
                NfsStatus status;
                Write.Result result;
                long epoch;
                ReadOnlyMemory<byte> piece = data.Slice(done, Math.Min(data.Length - done, WriteLimit));
                if (piece.Length <= _packer.SmallLimit)
                {
                    BlockIo io = _packer.Rent();
                    io.BeginWrite(offset + done, piece);
                    ValueTask<NfsStatus> completion = io.Completion;
                    _packer.Submit(io);
                    status = await completion;
                    (result, epoch) = (io.Written, io.Epoch);
                    _packer.Return(io);
                }
                else
                {
                    CompoundCall call = _session.Rent();
                    EncodeWrite(call, offset + done, piece);
                    ValueTask<NfsStatus> completion = call.Completion;
                    _session.Submit(call);
                    status = await completion;
                    (result, epoch) = (status == NfsStatus.Ok ? DecodeWrite(call, piece.Length) : default, call.Epoch);
                    _session.Return(call);
                }
                if (IsHeldBy(status))
                {
                    await (holding ??= new Holding(this)).PauseAsync(status, cancellation);
                    continue;
                }
                if (status != NfsStatus.Ok)
                {
                    if (!TryShrink(status, write: true))
                        await HandleAsync(status, "WRITE", epoch, attempt++, cancellation);
                    continue;
                }
                NoteUse();
                _session.Statistics.CountWritten(result.Count);
                durable = (done == 0 || durable) && result.Committed == Stability.FileSync;
                if (done > 0 && result.Verifier != verifier)
                {
                    // The server restarted between the pieces: the first ones may be gone.
                    done = 0;
                    continue;
                }
                verifier = result.Verifier;
                done += result.Count;
                if (done == data.Length)
                    return (verifier, durable);
            }
        }
        finally
        {
            holding?.Dispose();
        }
    }

    private void EncodeWrite(CompoundCall call, long offset, ReadOnlyMemory<byte> data)
    {
        XdrWriter writer = _session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, _handle);
        Write.EncodeHead(ref writer, _state.ForIo, offset, _options.Synchronous ? Stability.FileSync : Stability.Unstable, data.Length);
        call.Payload = data;
        call.Owner = this;
        call.End(writer);
    }

    private static Write.Result DecodeWrite(CompoundCall call, int sent)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.Write);
        return Write.Decode(ref reader, sent);
    }

    private void GrowTo(long end)
    {
        long length = Volatile.Read(ref _length);
        while (end > length)
        {
            long seen = Interlocked.CompareExchange(ref _length, end, length);
            if (seen == length)
                return;
            length = seen;
        }
    }

    /// <summary>Waits until it is worth trying again; a buffer when there was one meanwhile.</summary>
    private async Task<WriteBuffer?> MakeRoomAsync(int bytes, CancellationToken cancellation)
    {
        ThrowIfUnusable();
        Task change = _uncommitted.WhenChangedAsync();
        // Room may have been made before we asked to be told: then no change comes any more.
        if (_uncommitted.TryRent(bytes, out WriteBuffer buffer))
            return buffer;
        // With nothing answered yet, there is nothing a COMMIT could confirm.
        await (_uncommitted.Count > 0 ? StartCommit() : change).WaitAsync(cancellation);
        return null;
    }

    private void CommitInBackground()
    {
        // Whoever flushes next sends COMMIT again and meets the same failure; here it only must not go unobserved.
        _ = StartCommit().ContinueWith(
            static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>A COMMIT that begins after this call: the one that is running began before, so callers share the next one.</summary>
    private Task StartCommit()
    {
        TaskCompletionSource mine;
        lock (_commitGate)
        {
            if (_runningCommit is not null)
                return (_nextCommit ??= new TaskCompletionSource()).Task;
            // In this order: a fence empties what is kept, which does not mean that it is stored.
            if (_uncommitted.Count == 0)
                return Unusable() is { } error ? Task.FromException(error) : Task.CompletedTask;
            mine = _runningCommit = new TaskCompletionSource();
        }
        _ = RunCommitsAsync(mine);
        return mine.Task;
    }

    private async Task RunCommitsAsync(TaskCompletionSource current)
    {
        while (true)
        {
            Exception? failure = null;
            try
            {
                await CommitOnceAsync();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                failure = error;
            }
            TaskCompletionSource? next;
            lock (_commitGate)
            {
                next = _nextCommit;
                _nextCommit = null;
                _runningCommit = next;
            }
            if (failure is null)
                current.SetResult();
            else
                current.SetException(failure);
            if (next is null)
                return;
            current = next;
        }
    }

    private async Task CommitOnceAsync()
    {
        int attempt = 0;
        using Holding holding = new(this);
        while (true)
        {
            ThrowIfUnusable();
            long generation = _uncommitted.Generation;
            int count = _uncommitted.Count;
            if (count == 0)
                break;
            CompoundCall call = _session.Rent();
            EncodeCommit(call);
            ValueTask<NfsStatus> completion = call.Completion;
            _session.Submit(call);
            NfsStatus status = await completion;
            ulong verifier = status == NfsStatus.Ok ? DecodeCommit(call) : 0;
            long epoch = call.Epoch;
            _session.Return(call);
            if (status == NfsStatus.Ok && _uncommitted.TryConfirm(count, verifier, generation))
                break;
            if (Requests.IsLater(status) || Requests.IsRepeat(status))
            {
                await HandleAsync(status, "COMMIT", epoch, attempt++, CancellationToken.None);
                continue;
            }
            if (status != NfsStatus.Ok)
            {
                // A server may tell of a failed store once and forget the data with it: the next COMMIT would confirm what is not there.
                _uncommitted.MarkNotStored(count);
                NoteNotStored(status);
                if (!IsHeldBy(status))
                    await HandleAsync(status, "COMMIT", epoch, attempt++, CancellationToken.None);
                else
                    await holding.PauseAsync(status, CancellationToken.None);
            }
            await _session.ResendUncommittedAsync();
            if (ResendFailure() is not NfsStatus.Ok and var failure)
                throw NfsException.For(failure, "WRITE", Path);
        }
        // Nothing was left to be confirmed: because it is stored, or because a fence has thrown it away meanwhile.
        ThrowIfUnusable();
    }

    private volatile NfsStatus _resendFailure;
    private int _resends;

    /// <summary>
    /// What a read must be compared with that is to find all that was written: it counts only if it is the same before and after. When the
    /// server refused what it had lost, that is written again first; it may go well by now.
    /// </summary>
    /// <exception cref="NfsException">The server still refuses it: what a read would find is older than what was written.</exception>
    private async ValueTask<int> RequireStoredAsync()
    {
        while (true)
        {
            await _session.ResendUncommittedAsync();
            ThrowIfUnusable();
            int resends = Volatile.Read(ref _resends);
            if (ResendFailure() is not NfsStatus.Ok and var failure)
                throw NfsException.For(failure, "WRITE", Path);
            if (_resendFailure == NfsStatus.Ok)
                return resends;
        }
    }

    /// <summary>
    /// What the server refused when the uncommitted data was last sent again. While the lock is lost nothing is sent, so nothing was refused;
    /// taking it again clears the failure before it clears the loss, so the failure is looked at on both sides of that.
    /// </summary>
    private NfsStatus ResendFailure() => _resendFailure == NfsStatus.Ok || _lost ? NfsStatus.Ok : _resendFailure;

    /// <summary>The server has refused what it had lost, or may have lost it with a COMMIT that failed: it must be written again before the next read.</summary>
    private void NoteNotStored(NfsStatus status)
    {
        _resendFailure = status;
        Interlocked.Increment(ref _resends);
    }

    private void EncodeCommit(CompoundCall call)
    {
        XdrWriter writer = _session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, _handle);
        Commit.Encode(ref writer);
        call.Owner = this;
        call.End(writer);
    }

    private static ulong DecodeCommit(CompoundCall call)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.Commit);
        return Commit.Decode(ref reader);
    }
}
