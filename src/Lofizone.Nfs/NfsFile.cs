using Lofizone.Nfs.Files;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// An open file. Reads, writes and commits have hard semantics: they wait for a dead server without limit and go on when the server is
/// back. When the lock or the open is lost for good, the file is fenced: everything fails at once, and nothing is written ever again.
/// </summary>
/// <remarks>
/// Continuations of reads and writes run on the thread that receives from the server: they must not block. Cancellation ends the waiting
/// before a request is sent; a request under way is not cancelled, because its memory is in use. The caller never has two writes to
/// overlapping ranges under way at once. This is the API; the parts are in <c>Files</c>.
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
    /// <param name="start">The file as OPEN has given it, or as a predecessor has kept it.</param>
    /// <param name="options">How it was opened.</param>
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
    /// Raised once, when the file is fenced, on the thread that found out. Handlers must not block. An exception of a handler is kept in
    /// <see cref="NfsFencedException.HandlerFailure"/>.
    /// </summary>
    public event Action<NfsFencedException>? Fenced
    {
        add => _state.Fenced += value;
        remove => _state.Fenced -= value;
    }

    /// <summary>
    /// Raised with the hold when the first request begins to wait for room, and with null when the last one has ended. Handlers run on
    /// threads of the client and must not block.
    /// </summary>
    public event Action<NfsHold?>? HoldChanged
    {
        add => _room.Changed += value;
        remove => _room.Changed -= value;
    }

    /// <summary>Absolute path on the server.</summary>
    public string Path => _state.Path;

    /// <summary>Length in bytes when opened, refreshed or last set.</summary>
    public long Length => _state.Length;

    public bool IsFenced => _state.IsFenced;

    /// <summary>How the lock was lost; null while the file is not fenced.</summary>
    public string? FencedBecause => _state.Now.Fence?.Why;

    /// <summary>The exclusive lock is held, as far as this client knows.</summary>
    public bool IsLocked => _state.Now.Phase == FilePhase.Locked;

    /// <summary>The lock is lost and is being taken again. I/O waits.</summary>
    public bool IsRetaking => _state.IsLost;

    /// <summary>Largest READ and WRITE in bytes.</summary>
    public (int Read, int Write) IoBytes => (_sizes.Read, _sizes.Write);

    /// <summary>The requests that wait for room on the server; null when none does.</summary>
    public NfsHold? Hold => _room.Hold;

    /// <summary>A file that OPEN has given.</summary>
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
    /// <param name="kept">The file as the predecessor has kept it.</param>
    /// <param name="hasOneVerifier">
    /// All uncommitted data was taken under one write verifier: a COMMIT can tell whether the server still has the data.
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

    /// <summary>Has the file recovered whenever the server restarts.</summary>
    internal void Register() => _session.Register(_recovery);

    internal void Unregister() => _session.Unregister(_recovery);

    /// <summary>Has the data that was taken up confirmed as soon as the session is there.</summary>
    internal void CommitKept()
    {
        if (!IsFenced)
            _writeBack.CommitInBackground();
    }

    /// <summary>
    /// From now on a lost lock is taken again if <paramref name="proof"/> allows it; without a proof a lost lock fences the file. Called
    /// under the lock, after the own record has been written.
    /// </summary>
    public void GuardBy(IOwnershipProof proof)
    {
        _state.ThrowIfUnusable();
        _state.Proof = proof;
    }

    /// <summary>
    /// Fills the buffer from <paramref name="offset"/>; fewer bytes only at the end of the file. More than one READ carries is read in
    /// parallel.
    /// </summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _transfer.ReadAsync(offset, buffer, cancellation);
    }

    /// <summary>
    /// Writes all of the data, of which it keeps a copy: the memory is the caller's again when the task completes. Durable after
    /// <see cref="CommitAsync"/>.
    /// </summary>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _writeBack.WriteAsync(offset, data, cancellation);
    }

    /// <summary>Completes when every write that completed before is on the server's stable storage.</summary>
    public ValueTask CommitAsync(CancellationToken cancellation = default)
    {
        Task commit = _writeBack.CommitAsync();
        return new ValueTask(cancellation.CanBeCanceled ? commit.WaitAsync(cancellation) : commit);
    }

    /// <summary>Asks the server; <see cref="Length"/> is refreshed, too.</summary>
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
    /// <exception cref="NfsLockedException">Another client holds a lock; says which, as far as the server tells.</exception>
    public Task LockAsync(CancellationToken cancellation = default) => _lock.TakeAsync(cancellation);

    /// <summary>Gives the lock up. Everything written must be committed before.</summary>
    public Task UnlockAsync(CancellationToken cancellation = default) => _lock.GiveUpAsync(cancellation);

    /// <summary>Gives the range its space now, so that writes to it find room; data in it stays.</summary>
    /// <exception cref="NotSupportedException">The server or its file system can't, or NFSv4.1 is spoken.</exception>
    public ValueTask AllocateAsync(long offset, long length, CancellationToken cancellation = default) =>
        _space.AllocateAsync(offset, length, cancellation);

    /// <summary>Makes the range read as zeros and gives its space back (RFC 7862 section 15.4).</summary>
    /// <exception cref="NotSupportedException">The server or its file system can't, or NFSv4.1 is spoken.</exception>
    public ValueTask DeallocateAsync(long offset, long length, CancellationToken cancellation = default) =>
        _space.DeallocateAsync(offset, length, cancellation);

    /// <summary>The next data at or behind <paramref name="offset"/>; null when there is none up to the end of the file.</summary>
    /// <exception cref="NotSupportedException">The server can't tell, or NFSv4.1 is spoken.</exception>
    public Task<long?> SeekDataAsync(long offset, CancellationToken cancellation = default) =>
        _space.SeekAsync(offset, hole: false, cancellation);

    /// <summary>
    /// The next hole at or behind <paramref name="offset"/>, the end of the file being one; null when <paramref name="offset"/> is behind
    /// the end.
    /// </summary>
    /// <exception cref="NotSupportedException">The server can't tell, or NFSv4.1 is spoken.</exception>
    public Task<long?> SeekHoleAsync(long offset, CancellationToken cancellation = default) =>
        _space.SeekAsync(offset, hole: true, cancellation);

    /// <summary>
    /// Shares the range's blocks with <paramref name="target"/> (a reflink): at once, whatever its size. Durable when it returns.
    /// </summary>
    /// <exception cref="NotSupportedException">The server or its file system can't, or NFSv4.1 is spoken.</exception>
    /// <exception cref="NfsException">INVAL among others: offsets and length are no multiples of the file system's blocks.</exception>
    public Task CloneToAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation = default) =>
        new ServerCopy(_session, CopyEnd, target.CopyEnd).CloneAsync(from, to, length, cancellation);

    /// <summary>Has the server copy a range into <paramref name="target"/>; durable when it returns. Holes may become zeros.</summary>
    /// <param name="target">An open file of the same client, open for writing.</param>
    /// <param name="from">Offset here.</param>
    /// <param name="to">Offset there.</param>
    /// <param name="length">Bytes; the range must lie within this file.</param>
    /// <param name="cancellation">Ends the copy, half done.</param>
    /// <exception cref="NotSupportedException">The server can't, or NFSv4.1 is spoken.</exception>
    public Task CopyToAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation = default) =>
        new ServerCopy(_session, CopyEnd, target.CopyEnd).CopyAsync(from, to, length, cancellation);

    private CopyEnd CopyEnd => new(_state, _requests, _writeBack);

    /// <summary>Commits what is written, gives up the lock and closes. Afterwards every use fails.</summary>
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

    /// <summary>Closes, within the setup deadline, if <see cref="CloseAsync"/> has not. What can't be committed by then is lost.</summary>
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
