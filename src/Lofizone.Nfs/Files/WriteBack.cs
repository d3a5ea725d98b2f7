using System.Runtime.CompilerServices;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Sends writes, keeps their data until COMMIT confirms their write verifier (RFC 8881 section 18.3.4), and sends those COMMITs.
/// </summary>
internal sealed class WriteBack
{
    private readonly NfsSession _session;
    private readonly FileState _state;
    private readonly FileRequests _requests;
    private readonly UncommittedData _uncommitted;
    private readonly BlockSizes _sizes;
    private readonly RoomWait _room;
    private readonly Resender _resender;
    private readonly BlockTransfer _transfer;
    private readonly CommitQueue _commits;

    /// <summary>The call for COMMITs, which are sent one after the other.</summary>
    private readonly CompoundCall _commitCall = new();

    public WriteBack(
        NfsSession session, FileState state, FileRequests requests, UncommittedData uncommitted,
        BlockSizes sizes, RoomWait room, Resender resender, BlockTransfer transfer)
    {
        (_session, _state, _requests, _uncommitted) = (session, state, requests, uncommitted);
        (_sizes, _room, _resender, _transfer) = (sizes, room, resender, transfer);
        _commits = new CommitQueue(CommitOnceAsync);
        state.Ended += uncommitted.Clear;
    }

    /// <summary>
    /// Writes all of the data. The memory is the caller's again when the task completes. The data is durable after
    /// <see cref="CommitAsync"/>.
    /// </summary>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        data.Length <= _sizes.Write ? WriteOneAsync(offset, data, cancellation) : WriteManyAsync(offset, data, cancellation);

    /// <summary>Completes when the data of every write that completed earlier is on the server's stable storage.</summary>
    public Task CommitAsync()
    {
        // The count is read before the fence: a fence empties the kept data, which does not mean that the data is stored.
        if (_uncommitted.Count == 0)
            return _state.Unusable() is { } error ? Task.FromException(error) : Task.CompletedTask;
        return _commits.RunAsync();
    }

    /// <summary>Starts a COMMIT without a waiter. The next flush sends COMMIT again and meets a failure then.</summary>
    public void CommitInBackground() =>
        CommitAsync().ContinueWith(
            static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Takes over the entries of a predecessor.</summary>
    /// <returns>True when all entries have the same write verifier.</returns>
    public bool Restore() => _uncommitted.Restore();

    /// <summary>
    /// Has a DEALLOCATE executed and keeps it in order with the writes. Without that order a resending would bring back data from before
    /// the hole.
    /// </summary>
    /// <param name="offset">Start of the hole.</param>
    /// <param name="length">Length of the hole, bytes.</param>
    /// <param name="deallocate">Sends the request and returns the epoch of the session in which it was executed.</param>
    /// <param name="cancellation">Ends the waiting for a free number.</param>
    public async ValueTask PunchAsync(long offset, long length, Func<Task<long>> deallocate, CancellationToken cancellation)
    {
        bool isDone = false;
        while (!isDone)
        {
            int number;
            while (!_uncommitted.TryTakeHole(out number))
            {
                _state.ThrowIfUnusable();
                await CommitAsync().WaitAsync(cancellation);
            }
            bool isKept = false;
            try
            {
                long generation = _uncommitted.Generation;
                long epoch = await deallocate();
                isKept = TryKeep(new UncommittedData.Entry { Offset = offset, Length = length, Number = number }, generation);
                // The reply to DEALLOCATE has no verifier that would tell of a restart. The session's epoch tells of a restart between the
                // answer and this line.
                isDone = isKept && epoch == _session.Epoch;
            }
            finally
            {
                if (!isKept)
                    _uncommitted.GiveBackHole(number);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteOneAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        if (data.IsEmpty)
            return;
        _state.ThrowIfUnusable();
        WriteBuffer buffer;
        while (!_uncommitted.TryRent(data.Length, out buffer))
        {
            if (await MakeRoomAsync(data.Length, cancellation) is not { } made)
                continue;
            buffer = made;
            break;
        }
        data.Span.CopyTo(buffer.Memory.Span);
        bool isKept = false;
        try
        {
            while (!isKept)
            {
                long generation = _uncommitted.Generation;
                (ulong verifier, bool isDurable) = await _transfer.WriteAsync(offset, buffer.Memory, cancellation);
                // Durable data is kept, too, while older data for the same range is kept, because a resending could write the older data
                // over it.
                if (isDurable && _uncommitted.Count == 0 && _uncommitted.Generation == generation)
                    break;
                UncommittedData.Entry entry = new()
                {
                    Offset = offset,
                    Length = data.Length,
                    Buffer = buffer,
                    Number = buffer.Page,
                    Verifier = verifier,
                };
                isKept = TryKeep(entry, generation);
            }
        }
        finally
        {
            if (!isKept)
                _uncommitted.GiveBack(buffer);
        }
        if (_state.IsFenced)
        {
            _uncommitted.Clear();
            _state.ThrowIfUnusable();
        }
        _state.GrowTo(offset + data.Length);
    }

    private async ValueTask WriteManyAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        List<Task> parts = new(data.Length / _sizes.Write + 1);
        for (int at = 0; at < data.Length; at += _sizes.Write)
            parts.Add(WriteOneAsync(offset + at, data.Slice(at, Math.Min(_sizes.Write, data.Length - at)), cancellation).AsTask());
        await Task.WhenAll(parts);
    }

    private bool TryKeep(UncommittedData.Entry entry, long generation)
    {
        bool isKept = _uncommitted.TryAdd(entry, generation, out bool isUrgent);
        if (isUrgent)
            CommitInBackground();
        return isKept;
    }

    /// <summary>Waits until another try makes sense.</summary>
    /// <returns>A buffer, when room was made before the waiting began.</returns>
    private async Task<WriteBuffer?> MakeRoomAsync(int bytes, CancellationToken cancellation)
    {
        _state.ThrowIfUnusable();
        Task change = _uncommitted.WhenChangedAsync();
        // Room may have been made before the registration for changes. Then no further change comes.
        if (_uncommitted.TryRent(bytes, out WriteBuffer buffer))
            return buffer;
        // While no write is answered yet, a COMMIT could confirm nothing.
        await (_uncommitted.Count > 0 ? CommitAsync() : change).WaitAsync(cancellation);
        return null;
    }

    private async Task CommitOnceAsync()
    {
        int attempt = 0;
        using RoomWait.Turn turn = new(_room);
        while (true)
        {
            _state.ThrowIfUnusable();
            long generation = _uncommitted.Generation;
            int count = _uncommitted.Count;
            if (count == 0)
                break;
            EncodeCommit();
            ValueTask<NfsStatus> completion = _commitCall.Completion;
            _session.Submit(_commitCall);
            NfsStatus status = await completion;
            ulong verifier = status == NfsStatus.Ok ? DecodeCommit(_commitCall) : 0;
            if (status == NfsStatus.Ok && _uncommitted.TryConfirm(count, verifier, generation))
                break;
            if (RepeatedRequest.IsLater(status) || RepeatedRequest.IsRepeat(status))
            {
                await _requests.HandleAsync(status, "COMMIT", _commitCall.Epoch, attempt++, CancellationToken.None);
                continue;
            }
            if (status != NfsStatus.Ok)
            {
                // A server may report a failed store once and forget the data at the same time. The next COMMIT would then confirm data
                // that is lost.
                _uncommitted.MarkNotStored(count);
                _resender.NoteNotStored(status);
                if (_room.Holds(status))
                    await turn.PauseAsync(status, CancellationToken.None);
                else
                    await _requests.HandleAsync(status, "COMMIT", _commitCall.Epoch, attempt++, CancellationToken.None);
            }
            await _resender.RunAsync();
        }
        // No data was left to be confirmed: either all data is stored, or a fence has discarded the data.
        _state.ThrowIfUnusable();
    }

    /// <summary>Sends COMMIT of the whole file, which also covers writes of other clients.</summary>
    /// <returns>The write verifier.</returns>
    public async Task<ulong> CommitAllAsync(CancellationToken cancellation) =>
        DecodeCommit(await _requests.RunUntilDoneAsync(
            OperationCode.Commit, static (ref XdrWriter writer) => Commit.Encode(ref writer), cancellation, hard: true));

    private void EncodeCommit()
    {
        XdrWriter writer = _session.Begin(_commitCall, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, _state.Handle);
        Commit.Encode(ref writer);
        _commitCall.Owner = _state;
        _commitCall.End(writer);
    }

    private static ulong DecodeCommit(CompoundCall call)
    {
        XdrReader reader = call.ResultOf(OperationCode.Commit);
        return Commit.Decode(ref reader);
    }
}
