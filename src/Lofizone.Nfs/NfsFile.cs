using System.Runtime.CompilerServices;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// An open file. Reads, writes and commits have hard semantics: they wait for a dead server without limit and go on when it is back.
/// When the lock or the open is lost for good the file is fenced: everything fails at once, and nothing is written ever again.
/// </summary>
/// <remarks>
/// Continuations of reads and writes run on the thread that receives from the server: they must not block.
/// Cancellation ends the waiting before a request is sent; a request under way is not cancelled, because its memory is in use.
/// The caller never has two writes to overlapping ranges under way at once.
/// </remarks>
public sealed partial class NfsFile : IAsyncDisposable
{
    private readonly NfsSession _session;
    private readonly NfsOpenOptions _options;
    private readonly byte[] _handle;
    private readonly byte[] _owner;
    private readonly UncommittedData _uncommitted;
    private readonly RequestPacker _packer;
    private readonly int _readBytes;
    private readonly int _writeBytes;
    private int _readLimit;
    private int _writeLimit;
    private volatile OpenState _state;
    private volatile NfsFencedException? _fence;
    private volatile bool _closed;
    private long _length;

    internal NfsFile(NfsSession session, WriteBuffers buffers, string path, byte[] handle, byte[] owner, NfsOpenOptions options, StateId open, NfsAttributes attributes)
    {
        _session = session;
        _options = options;
        _handle = handle;
        _owner = owner;
        _uncommitted = new UncommittedData(buffers, session.Statistics, options.Resumable ? session.Options.ResumeMemory : null);
        _state = new OpenState(open, null);
        _length = attributes.Size;
        _readBytes = Limit(session.MaxReadBytes, attributes.MaxRead);
        _writeBytes = Limit(session.MaxWriteBytes, attributes.MaxWrite);
        (_readLimit, _writeLimit) = (_readBytes, _writeBytes);
        Path = path;
        _packer = new RequestPacker(session, this);
    }

    /// <summary>Raised once, on the thread that found out, when the file is fenced. Handlers must not block; what they throw is kept in <see cref="NfsFencedException.HandlerFailure"/>.</summary>
    public event Action<NfsFencedException>? Fenced;

    /// <summary>Absolute path on the server.</summary>
    public string Path { get; }

    /// <summary>Length in bytes when opened, refreshed or last set.</summary>
    public long Length => Volatile.Read(ref _length);

    public bool IsFenced => _fence is not null;

    /// <summary>How the lock was lost; null while the file is not fenced.</summary>
    public string? FencedBecause => _fence?.Why;

    /// <summary>The exclusive lock is held, as far as this client knows.</summary>
    public bool IsLocked => _state.Lock is not null && !IsFenced;

    /// <summary>Largest READ and WRITE in bytes.</summary>
    public (int Read, int Write) IoBytes => (_readBytes, _writeBytes);

    /// <summary>State IDs that reads and writes carry: the lock's when locked. Replaced as a whole.</summary>
    private sealed record OpenState(StateId Open, StateId? Lock)
    {
        public StateId ForIo => Lock ?? Open;
    }

    /// <summary>Fills the buffer from <paramref name="offset"/>; fewer bytes only at the end of the file. Larger than one READ is split and runs in parallel.</summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (buffer.Length <= _readBytes)
            return ReadPartAsync(offset, buffer, cancellation);
        return ReadPartsAsync(offset, buffer, cancellation);
    }

    /// <summary>Refreshes <see cref="Length"/> too.</summary>
    public async Task<NfsAttributes> GetAttributesAsync(CancellationToken cancellation = default)
    {
        ThrowIfUnusable();
        CompoundCall call = await Requests.RunAsync(_session, "GETATTR", EncodeGetAttributes, cancellation);
        NfsAttributes attributes = DecodeAttributes(call);
        Volatile.Write(ref _length, attributes.Size);
        return attributes;
    }

    /// <summary>Cuts or extends (with a hole) to <paramref name="length"/> bytes.</summary>
    public async Task SetLengthAsync(long length, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        for (int attempt = 0; ; attempt++)
        {
            ThrowIfUnusable();
            CompoundCall call = await Requests.RunAsync(
                _session,
                "SETATTR",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, _handle);
                    SetAttr.Encode(ref writer, _state.ForIo, length, null);
                },
                cancellation);
            if (call.Status == NfsStatus.Ok)
                break;
            await HandleAsync(call.Status, "SETATTR", call.Epoch, attempt, cancellation);
        }
        Volatile.Write(ref _length, length);
    }

    private int ReadLimit => Volatile.Read(ref _readLimit);

    private int WriteLimit => Volatile.Read(ref _writeLimit);

    /// <summary>The server takes or gives less than it said (REQ_TOO_BIG, REP_TOO_BIG, TOOSMALL): from now on half as much at once, down to a block.</summary>
    private bool TryShrink(NfsStatus status, bool write)
    {
        if (status is not (NfsStatus.ReqTooBig or NfsStatus.RepTooBig or NfsStatus.TooSmall))
            return false;
        ref int limit = ref write ? ref _writeLimit : ref _readLimit;
        int now = Volatile.Read(ref limit);
        if (now <= LeastIoBytes)
            return false;
        Interlocked.CompareExchange(ref limit, Math.Max(LeastIoBytes, now / 2), now);
        return true;
    }

    private const int LeastIoBytes = 4096;

    private static int Limit(int session, long server) => server > 0 ? (int)Math.Min(session, server) : session;

    private void EncodeGetAttributes(ref XdrWriter writer)
    {
        FileHandle.EncodePut(ref writer, _handle);
        GetAttr.Encode(ref writer, GetAttr.FileAttributes);
    }

    private NfsAttributes DecodeAttributes(CompoundCall call)
    {
        ThrowIfFailed(call.Status, "GETATTR");
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.GetAttr);
        return GetAttr.Decode(ref reader);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadPartAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        int done = 0;
        int attempt = 0;
        while (done < buffer.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            ThrowIfUnusable();
            NfsStatus status;
            int count;
            bool end;
            long epoch;
            int resends = Volatile.Read(ref _resends);
            if (_resendFailure != NfsStatus.Ok)
                resends = await RequireStoredAsync();
            Memory<byte> piece = buffer.Slice(done, Math.Min(buffer.Length - done, ReadLimit));
            if (piece.Length <= _packer.SmallLimit)
            {
                BlockIo io = _packer.Rent();
                io.BeginRead(offset + done, piece);
                ValueTask<NfsStatus> completion = io.Completion;
                _packer.Submit(io);
                status = await completion;
                (count, end, epoch) = (io.ReadCount, io.EndOfFile, io.Epoch);
                _packer.Return(io);
            }
            else
            {
                CompoundCall call = _session.Rent();
                EncodeRead(call, offset + done, piece);
                ValueTask<NfsStatus> completion = call.Completion;
                _session.Submit(call);
                status = await completion;
                (count, end, epoch) = (call.ReadCount, call.EndOfFile, call.Epoch);
                _session.Return(call);
            }
            if (status != NfsStatus.Ok)
            {
                if (!TryShrink(status, write: false))
                    await HandleAsync(status, "READ", epoch, attempt++, cancellation);
                continue;
            }
            NoteUse();
            if (resends != Volatile.Read(ref _resends))
                continue;
            done += count;
            _session.Statistics.CountRead(count);
            if (end || count == 0)
                break;
        }
        return done;
    }

    private async ValueTask<int> ReadPartsAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        List<Task<int>> parts = new(buffer.Length / _readBytes + 1);
        for (int at = 0; at < buffer.Length; at += _readBytes)
            parts.Add(ReadPartAsync(offset + at, buffer.Slice(at, Math.Min(_readBytes, buffer.Length - at)), cancellation).AsTask());
        int total = 0;
        bool ended = false;
        foreach (int count in await Task.WhenAll(parts))
        {
            // Behind the end of the file nothing counts, even if it has grown meanwhile.
            if (!ended)
                total += count;
            ended |= count < _readBytes;
        }
        return total;
    }

    private void EncodeRead(CompoundCall call, long offset, Memory<byte> target)
    {
        XdrWriter writer = _session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, _handle);
        Read.Encode(ref writer, _state.ForIo, offset, target.Length);
        call.Destination = target;
        call.End(writer);
    }
}
