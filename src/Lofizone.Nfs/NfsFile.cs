using Lofizone.Nfs.Files;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// An open file. Reads, writes and commits have hard semantics: they wait for a dead server without limit and continue when the server is
/// back. When lock or open are lost for good, the file is fenced: every operation fails at once, and the file is never written again.
/// </summary>
/// <remarks>
/// Continuations of reads and writes run on the thread that receives from the server, so they must not block. Cancellation ends the waiting
/// before a request is sent. A request under way is not cancelled, because the request uses the caller's memory. The caller never has two
/// writes to overlapping ranges under way at once. This class is the API; the parts are in <c>Files</c>.
/// </remarks>
public sealed class NfsFile : IAsyncDisposable
{
    private readonly NfsSession _session;
    private readonly FileState _state;
    private readonly FileRequests _requests;
    private readonly FileLock _lock;
    private readonly LockRecovery _recovery;
    private readonly BlockSizes _sizes;
    private readonly BlockTransfer _transfer;
    private readonly RoomWait _room;
    private readonly WriteBack _writeBack;
    private readonly FileSpace _space;

    /// <param name="session">The session.</param>
    /// <param name="buffers">Room for uncommitted data.</param>
    /// <param name="start">The file as the reply to OPEN describes it, or as a predecessor has kept it.</param>
    /// <param name="options">The options of the open.</param>
    private NfsFile(NfsSession session, WriteBuffers buffers, NfsResumeState.FileState start, NfsOpenOptions options)
    {
        UncommittedData uncommitted = new(buffers, session.Statistics, options.Resumable ? session.Options.ResumeMemory : null);
        _session = session;
        _state = new FileState(start, options, session.KeepFile);
        _room = new RoomWait(session, _state);
        _requests = new FileRequests(session, _state, _room);
        _lock = new FileLock(session, _state, _requests);
        _sizes = new BlockSizes(start.ReadBytes, start.WriteBytes);
        Resender resender = new(session, _state, uncommitted, _sizes, _room);
        _recovery = new LockRecovery(session, _state, resender);
        _transfer = new BlockTransfer(session, _state, _requests, _sizes, _room, resender);
        _writeBack = new WriteBack(session, _state, _requests, uncommitted, _sizes, _room, resender, _transfer);
        _space = new FileSpace(_state, _requests, _writeBack);
    }

    /// <summary>
    /// Raised once, when the file is fenced, on the thread that finds the loss. Handlers must not block. The exception of a handler is kept
    /// in <see cref="NfsFencedException.HandlerFailure"/>.
    /// </summary>
    public event Action<NfsFencedException>? Fenced
    {
        add => _state.Fenced += value;
        remove => _state.Fenced -= value;
    }

    /// <summary>
    /// Raised with the hold when the first request begins to wait for room on the server, and with null when the last such wait has ended.
    /// Handlers run on threads of the client and must not block.
    /// </summary>
    public event Action<NfsHold?>? HoldChanged
    {
        add => _room.Changed += value;
        remove => _room.Changed -= value;
    }

    /// <summary>Absolute path on the server.</summary>
    public string Path => _state.Path;

    /// <summary>Length in bytes, as of the open, the last refresh or the last change.</summary>
    public long Length => _state.Length;

    public bool IsFenced => _state.IsFenced;

    /// <summary>The reason why the lock was lost; null while the file is not fenced.</summary>
    public string? FencedBecause => _state.Now.Fence?.Why;

    /// <summary>The exclusive lock is held, as far as this client knows.</summary>
    public bool IsLocked => _state.Now.Phase == FilePhase.Locked;

    /// <summary>The lock is lost and is being taken again. I/O waits.</summary>
    public bool IsRetaking => _state.IsLost;

    /// <summary>The requests that wait for room on the server; null when no request waits.</summary>
    public NfsHold? Hold => _room.Hold;

    /// <summary>A file that OPEN has just opened.</summary>
    internal static NfsFile Opened(
        NfsSession session, WriteBuffers buffers, string path, byte[] handle, byte[] owner, NfsOpenOptions options, StateId open,
        NfsAttributes attributes) =>
        new(
            session,
            buffers,
            new NfsResumeState.FileState
            {
                Path = path,
                Handle = handle,
                Owner = owner,
                DenyWrite = options.DenyWrite,
                Synchronous = options.Synchronous,
                Open = open,
                Length = attributes.Size,
                ReadBytes = BlockSizes.Of(session.MaxReadBytes, attributes.MaxRead),
                WriteBytes = BlockSizes.Of(session.MaxWriteBytes, attributes.MaxWrite),
            },
            options);

    /// <summary>A file that a killed process had open and locked, with its uncommitted data.</summary>
    /// <param name="session">The session.</param>
    /// <param name="buffers">Room for uncommitted data.</param>
    /// <param name="kept">The file's state, as the predecessor has kept it.</param>
    /// <param name="hasOneVerifier">
    /// All uncommitted data has one write verifier, so a COMMIT can tell whether the server still has the data (RFC 8881 section 18.3.3).
    /// </param>
    internal static NfsFile Resumed(NfsSession session, WriteBuffers buffers, NfsResumeState.FileState kept, out bool hasOneVerifier)
    {
        NfsOpenOptions options = new()
        {
            Write = true,
            DenyWrite = kept.DenyWrite,
            Synchronous = kept.Synchronous,
            HoldWhenFull = true,
            Resumable = true,
        };
        NfsFile file = new(session, buffers, kept, options);
        hasOneVerifier = file.IsFenced || file._writeBack.Restore();
        return file;
    }

    /// <summary>Registers the file for recovery after each restart of the server.</summary>
    internal void Register() => _session.Register(_recovery);

    internal void Unregister() => _session.Unregister(_recovery);

    /// <summary>Commits the predecessor's data as soon as there is a session.</summary>
    internal void CommitKept()
    {
        if (!IsFenced)
            _writeBack.CommitInBackground();
    }

    /// <summary>
    /// From now on a lost lock is taken again if <paramref name="proof"/> allows that. Without a proof a lost lock fences the file. The
    /// caller holds the lock and has written its own owner record.
    /// </summary>
    public void GuardBy(IOwnershipProof proof)
    {
        _state.ThrowIfUnusable();
        _state.Proof = proof;
    }

    /// <summary>
    /// Fills the buffer from <paramref name="offset"/>. Returns fewer bytes only at the end of the file. A buffer larger than one READ is
    /// read in parallel.
    /// </summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _transfer.ReadAsync(offset, buffer, cancellation);
    }

    /// <summary>
    /// Writes all of the data and keeps a copy, so the memory is the caller's again when the task completes. The data is durable after
    /// <see cref="CommitAsync"/>.
    /// </summary>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _writeBack.WriteAsync(offset, data, cancellation);
    }

    /// <summary>Completes when the data of every write that completed earlier is on the server's stable storage.</summary>
    public ValueTask CommitAsync(CancellationToken cancellation = default)
    {
        Task commit = _writeBack.CommitAsync();
        return new ValueTask(cancellation.CanBeCanceled ? commit.WaitAsync(cancellation) : commit);
    }

    /// <summary>Asks the server for the attributes and refreshes <see cref="Length"/>.</summary>
    public async Task<NfsAttributes> GetAttributesAsync(CancellationToken cancellation = default)
    {
        _state.ThrowIfUnusable();
        CompoundCall call = await _requests.RunAsync(
            OperationCode.GetAttr, static (ref XdrWriter writer) => GetAttr.Encode(ref writer, GetAttr.FileAttributes), cancellation);
        _requests.ThrowIfFailed(call.Status, "GETATTR");
        XdrReader reader = call.ResultOf(OperationCode.GetAttr);
        NfsAttributes attributes = GetAttr.Decode(ref reader);
        _state.Length = attributes.Size;
        return attributes;
    }

    /// <summary>Cuts or extends (with a hole) to <paramref name="length"/> bytes.</summary>
    public async Task SetLengthAsync(long length, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        await _requests.RunUntilDoneAsync(
            OperationCode.SetAttr, (ref XdrWriter writer) => SetAttr.Encode(ref writer, _state.StateId, length, null), cancellation);
        _state.Length = length;
    }

    /// <summary>Takes the exclusive lock on the whole file without waiting for another holder.</summary>
    /// <exception cref="NfsLockedException">
    /// Another client holds a lock. The exception names the client as far as the server does.
    /// </exception>
    public Task LockAsync(CancellationToken cancellation = default) => _lock.TakeAsync(cancellation);

    /// <summary>Gives the lock up. All written data must be committed.</summary>
    public Task UnlockAsync(CancellationToken cancellation = default) => _lock.GiveUpAsync(cancellation);

    /// <summary>
    /// Reserves space for the range, so that later writes to the range find room. Data in the range stays (RFC 7862 section 15.1).
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// The server or its file system does not support the operation, or the session speaks NFSv4.1.
    /// </exception>
    public ValueTask AllocateAsync(long offset, long length, CancellationToken cancellation = default) =>
        _space.AllocateAsync(offset, length, cancellation);

    /// <summary>Makes the range read as zeros and gives the range's space back (RFC 7862 section 15.4).</summary>
    /// <exception cref="NotSupportedException">
    /// The server or its file system does not support the operation, or the session speaks NFSv4.1.
    /// </exception>
    public ValueTask DeallocateAsync(long offset, long length, CancellationToken cancellation = default) =>
        _space.DeallocateAsync(offset, length, cancellation);

    /// <summary>
    /// Offset of the next data at or behind <paramref name="offset"/>; null when there is no more data (SEEK, RFC 7862 section 15.11).
    /// </summary>
    /// <exception cref="NotSupportedException">The server does not support SEEK, or the session speaks NFSv4.1.</exception>
    public Task<long?> SeekDataAsync(long offset, CancellationToken cancellation = default) =>
        _space.SeekAsync(offset, hole: false, cancellation);

    /// <summary>
    /// Offset of the next hole at or behind <paramref name="offset"/>; the end of the file counts as a hole. Null when
    /// <paramref name="offset"/> is behind the end.
    /// </summary>
    /// <exception cref="NotSupportedException">The server does not support SEEK, or the session speaks NFSv4.1.</exception>
    public Task<long?> SeekHoleAsync(long offset, CancellationToken cancellation = default) =>
        _space.SeekAsync(offset, hole: true, cancellation);

    /// <summary>
    /// Shares the range's blocks with <paramref name="target"/> (a reflink, RFC 7862 section 15.13). The duration does not depend on the
    /// size. The result is durable on return.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// The server or its file system does not support the operation, or the session speaks NFSv4.1.
    /// </exception>
    /// <exception cref="NfsException">
    /// INVAL, among others: offsets and length must be multiples of the file system's block size.
    /// </exception>
    public Task CloneToAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation = default) =>
        new ServerCopy(_session, CopyEnd, target.CopyEnd).CloneAsync(from, to, length, cancellation);

    /// <summary>
    /// Has the server copy a range into <paramref name="target"/> (COPY, RFC 7862 section 15.2). The copy is durable on return. Holes may
    /// become zeros.
    /// </summary>
    /// <param name="target">An open file of the same client, open for writing.</param>
    /// <param name="from">Offset in this file.</param>
    /// <param name="to">Offset in <paramref name="target"/>.</param>
    /// <param name="length">Bytes; the range must lie within this file.</param>
    /// <param name="cancellation">Ends the copy; a part of the range may be copied by then.</param>
    /// <exception cref="NotSupportedException">The server does not support COPY, or the session speaks NFSv4.1.</exception>
    public Task CopyToAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation = default) =>
        new ServerCopy(_session, CopyEnd, target.CopyEnd).CopyAsync(from, to, length, cancellation);

    private CopyEnd CopyEnd => new(_state, _requests, _writeBack);

    /// <summary>Commits the written data, gives up the lock and closes the file. Afterwards every use fails.</summary>
    public async Task CloseAsync(CancellationToken cancellation = default)
    {
        if (_state.Now.Phase == FilePhase.Closed)
            return;
        if (!IsFenced)
        {
            await CommitAsync(cancellation);
            await UnlockAsync(cancellation);
        }
        End();
        await _lock.CloseAsync(cancellation);
    }

    /// <summary>
    /// Closes the file within the setup deadline, unless <see cref="CloseAsync"/> has closed it. Data that can't be committed by then is
    /// lost.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_state.Now.Phase == FilePhase.Closed)
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
        if (_state.Close())
            Unregister();
    }
}
