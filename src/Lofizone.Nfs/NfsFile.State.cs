using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>Open and lock state: taking the lock, reclaiming after a server's restart, fencing, closing.</summary>
public sealed partial class NfsFile : IRecoverable
{
    /// <summary>Takes the exclusive lock on the whole file without waiting for another holder.</summary>
    /// <exception cref="NfsLockedException">Another client holds a lock; says which, as far as the server tells.</exception>
    public async Task LockAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            ThrowIfUnusable();
            CompoundCall call = await Requests.RunAsync(
                _session,
                "LOCK",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, _handle);
                    Locking.Encode(ref writer, _state.Open, _session.ClientId, _owner, reclaim: false);
                },
                cancellation);
            if (call.Status == NfsStatus.Denied)
                throw new NfsLockedException(Path, DecodeDenied(call));
            ThrowIfFailed(call.Status, "LOCK");
            StateId held = DecodeState(call, OperationCode.Lock);
            SetState(_state with { Lock = held });
            // State that was granted before a recovery is not in what the recovery reclaimed.
            if (call.Epoch == _session.Epoch)
                return;
            SetState(_state with { Lock = null });
        }
    }

    /// <summary>Gives the lock up; what is written must be committed before.</summary>
    public async Task UnlockAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            ThrowIfUnusable();
            StateId? sent = _state.Lock;
            if (sent is null)
                return;
            CompoundCall call = await Requests.RunAsync(
                _session,
                "LOCKU",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, _handle);
                    sent = _state.Lock ?? _state.Open;
                    Locking.EncodeUnlock(ref writer, sent.Value);
                },
                cancellation,
                answer: NfsStatus.OldStateId);
            if (call.Status == NfsStatus.OldStateId)
            {
                // A recovery took it again meanwhile; otherwise LOCKU itself has moved it on, executed before without that its answer came (section 18.12.3).
                if (sent != _state.Lock)
                    continue;
            }
            else if (!IsStateLost(call.Status))
            {
                // One that the server has dropped is given up, too: everything is committed, and writes it took it took under the lock.
                ThrowIfFailed(call.Status, "LOCKU");
            }
            SetState(_state with { Lock = null });
            return;
        }
    }

    /// <summary>Commits what is written, gives up the lock and closes. Afterwards every use fails.</summary>
    public async Task CloseAsync(CancellationToken cancellation = default)
    {
        if (_closed)
            return;
        if (!IsFenced)
        {
            await CommitAsync(cancellation);
            await UnlockAsync(cancellation);
        }
        End();
        _uncommitted.Clear();
        CompoundCall call = await Requests.RunAsync(
            _session,
            "CLOSE",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, _handle);
                Close.Encode(ref writer, _state.Open);
            },
            cancellation);
        // State that the server has dropped by itself is closed, too.
        if (call.Status != NfsStatus.Ok && !IsFenced && !IsStateLost(call.Status))
            throw NfsException.For(call.Status, "CLOSE", Path);
    }

    /// <summary>Closes if <see cref="CloseAsync"/> has not, within the setup deadline; what can't be committed by then is lost, so close first where that matters.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        using CancellationTokenSource deadline = new(_session.Options.SetupDeadline, _session.Options.TimeProvider);
        try
        {
            await CloseAsync(deadline.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            End();
        }
    }

    private void End()
    {
        _closed = true;
        _session.Unregister(this);
        Keep();
        _ended.Cancel();
    }

    void IRecoverable.Reclaim()
    {
        NfsSession session = _session;
        // What was lost before the server restarted may be another's by now and must not be reclaimed (section 8.4.3).
        if (IsFenced || _closed || _lost)
            return;
        // Replaced only when all of it is reclaimed: the connection may end in between, and the next attempt must still know of the lock.
        OpenState before = _state;
        NfsStatus status = Execute(session, OperationCode.Open, EncodeReclaimOpen, out StateId open);
        StateId held = default;
        if (status == NfsStatus.Ok && before.Lock is not null)
            status = Execute(session, OperationCode.Lock, (ref XdrWriter writer) => EncodeLock(ref writer, open, reclaim: true), out held);
        if (status == NfsStatus.Ok)
            SetState(new OpenState(open, before.Lock is null ? null : held));
        else
            LoseOrFence(status, $"the server forgot the {(before.Lock is null ? "open" : "lock")} and does not let it be reclaimed");
    }

    void IRecoverable.Resend()
    {
        NfsSession session = _session;
        // Lost meanwhile: first it is taken up again, which brings us here once more.
        if (IsFenced || _closed || _lost)
            return;
        _resendFailure = NfsStatus.Ok;
        // Before anything is open for requests again: a read that was on its way when this began may have found what it is about to mend.
        Interlocked.Increment(ref _resends);
        try
        {
            UncommittedData.Entry[] entries = _uncommitted.BeginResend();
            foreach (UncommittedData.Entry entry in entries)
            {
                if (IsFenced || _closed || !ResendEntry(session, entry))
                    return;
            }
            // Not with each of them: a server that takes the first and not the second would have the lock taken again without end.
            if (entries.Length > 0)
                NoteUse();
        }
        finally
        {
            _uncommitted.EndResend();
        }
    }

    private bool ResendEntry(NfsSession session, UncommittedData.Entry entry)
    {
        int done = 0;
        int lostAnswers = 0;
        // Reads would find older data until this is through, so all I/O waits with it for room.
        using Holding holding = new(this);
        while (entry.IsHole ? done == 0 : done < entry.Length)
        {
            CompoundCall call = new();
            if (entry.Buffer is { } buffer)
                EncodeWrite(call, entry.Offset + done, buffer.Memory.Slice(done, Math.Min((int)entry.Length - done, WriteLimit)));
            else
                EncodeDeallocate(call, entry);
            NfsStatus status = session.Execute(call);
            // Executed, but the answer was not kept: asked for once more, in a request of its own.
            bool isLost = status == NfsStatus.RetryUncachedRep;
            if (isLost || Requests.IsLater(status))
            {
                if (!isLost || ++lostAnswers > Requests.RepeatsWithoutPause)
                    session.Pause(_serverPause);
                continue;
            }
            if (IsStateLost(status))
            {
                LoseOrFence(status, "the server does not accept its lock any more");
                return false;
            }
            if (TryShrink(status, write: true))
                continue;
            if (IsHeldBy(status) && !_closed)
            {
                holding.Pause(status);
                continue;
            }
            // Anything else (no space, I/O error) is left to the next COMMIT, which finds what is not stored and comes here again.
            // Nothing newer may be sent before it: older data would overwrite it then.
            if (status != NfsStatus.Ok)
            {
                NoteNotStored(status);
                return false;
            }
            if (entry.IsHole)
            {
                _uncommitted.SetVerifier(entry, 0);
                entry.IsStored = true;
                return true;
            }
            Write.Result result = DecodeWrite(call, call.Payload.Length);
            done = done > 0 && result.Verifier != entry.Verifier ? 0 : done + result.Count;
            _uncommitted.SetVerifier(entry, result.Verifier);
            session.Statistics.CountResent(result.Count);
        }
        entry.IsStored = true;
        return true;
    }

    private void EncodeDeallocate(CompoundCall call, UncommittedData.Entry entry)
    {
        XdrWriter writer = _session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, _handle);
        Deallocate.Encode(ref writer, _state.ForIo, entry.Offset, entry.Length);
        call.Owner = this;
        call.End(writer);
    }

    private void EncodeReclaimOpen(ref XdrWriter writer)
    {
        FileHandle.EncodePut(ref writer, _handle);
        Open.EncodeReclaim(ref writer, _session.ClientId, _owner, _options);
    }

    private static StateId DecodeState(CompoundCall call, OperationCode operation)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, operation);
        return operation == OperationCode.Open ? Open.Decode(ref reader) : StateId.Read(ref reader);
    }

    private static NfsLockHolder DecodeDenied(CompoundCall call)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.NextStatus(ref reader, OperationCode.Lock);
        return Locking.DecodeDenied(ref reader);
    }

    /// <summary>Returns when the request is to be made again; throws when its failure is final.</summary>
    /// <param name="status">The failure.</param>
    /// <param name="operation">Name for messages.</param>
    /// <param name="epoch">Of the request, when it was encoded.</param>
    /// <param name="attempt">How often it failed before.</param>
    /// <param name="cancellation">Ends a pause.</param>
    private async ValueTask HandleAsync(NfsStatus status, string operation, long epoch, int attempt, CancellationToken cancellation)
    {
        bool isFrequent = attempt >= Requests.RepeatsWithoutPause;
        if (Requests.IsRepeat(status) && !isFrequent)
            return;
        if (IsStateLost(status))
        {
            if (isFrequent)
                await Requests.PauseAsync(_session.Options.TimeProvider, attempt, cancellation);
            await LoseAsync(status, operation, epoch);
            return;
        }
        // RESOURCE (a server that is short of something, although RFC 8881 has no such status) passes like DELAY.
        if (Requests.IsRepeat(status) || Requests.IsLater(status) || status == NfsStatus.Resource)
        {
            await Requests.PauseAsync(_session.Options.TimeProvider, attempt, cancellation);
            return;
        }
        ThrowIfFailed(status, operation);
    }

    private void ThrowIfFailed(NfsStatus status, string operation)
    {
        if (status == NfsStatus.Ok)
            return;
        if (IsStateLost(status))
        {
            Fence(status, status == NfsStatus.Moved ? MovedAway : $"{operation}: the server does not know its open or lock any more ({NfsStatusText.Describe(status)})");
            ThrowIfUnusable();
        }
        throw NfsException.For(status, operation, Path);
    }

    /// <summary>A file that has moved to another server is lost with its state, which nobody renews there (section 11.11).</summary>
    private static bool IsStateLost(NfsStatus status) =>
        status is NfsStatus.Expired or NfsStatus.AdminRevoked or NfsStatus.BadStateId or NfsStatus.StaleStateId or NfsStatus.DelegRevoked or NfsStatus.Moved;

    private void Fence(NfsStatus status, string why)
    {
        NfsFencedException fence = new(Path, status, why);
        if (Interlocked.CompareExchange(ref _fence, fence, null) is not null)
            return;
        Keep();
        _uncommitted.Clear();
        _ended.Cancel();
        foreach (Action<NfsFencedException> handler in Fenced?.GetInvocationList().Cast<Action<NfsFencedException>>() ?? [])
        {
            try
            {
                handler(fence);
            }
            catch (Exception error)
            {
                // This is the session's thread, or that of somebody's request: neither may end with a handler.
                fence.HandlerFailure = error;
            }
        }
    }

    private void ThrowIfUnusable()
    {
        if (Unusable() is { } error)
            throw error;
    }

    private Exception? Unusable()
    {
        if (_closed)
            return new ObjectDisposedException(nameof(NfsFile));
        return _fence is { } fence ? new NfsFencedException(Path, fence.Status, fence.Why) : null;
    }
}
