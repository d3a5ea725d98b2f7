using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>Space and holes (RFC 7862 sections 4.3 and 15): what a server lacks is asked for once, and refused from then on without asking.</summary>
public sealed partial class NfsFile
{
    /// <summary>Gives the range its space now, so that writes to it find room; data in it stays.</summary>
    /// <exception cref="NotSupportedException">The server or its file system can't, or NFSv4.1 is spoken.</exception>
    public async ValueTask AllocateAsync(long offset, long length, CancellationToken cancellation = default)
    {
        CheckRange(offset, length);
        await RunSpaceAsync(
            OperationCode.Allocate,
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, _handle);
                Allocate.Encode(ref writer, _state.ForIo, offset, length);
            },
            cancellation);
        GrowTo(offset + length);
    }

    /// <summary>Makes the range read as zeros and gives its space back (RFC 7862 section 15.4).</summary>
    /// <exception cref="NotSupportedException">The server or its file system can't, or NFSv4.1 is spoken.</exception>
    public async ValueTask DeallocateAsync(long offset, long length, CancellationToken cancellation = default)
    {
        CheckRange(offset, length);
        bool done = false;
        while (!done)
        {
            int number = await TakeHoleAsync(cancellation);
            bool kept = false;
            try
            {
                (kept, done) = await DeallocateOnceAsync(offset, length, number, cancellation);
            }
            finally
            {
                if (!kept)
                    _uncommitted.GiveBackHole(number);
            }
        }
    }

    private async Task<int> TakeHoleAsync(CancellationToken cancellation)
    {
        int number;
        while (!_uncommitted.TryTakeHole(out number))
        {
            ThrowIfUnusable();
            await StartCommit().WaitAsync(cancellation);
        }
        return number;
    }

    private async Task<(bool Kept, bool Done)> DeallocateOnceAsync(long offset, long length, int number, CancellationToken cancellation)
    {
        long generation = _uncommitted.Generation;
        CompoundCall call = await RunSpaceAsync(
            OperationCode.Deallocate,
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, _handle);
                Deallocate.Encode(ref writer, _state.ForIo, offset, length);
            },
            cancellation);
        // Kept in order with the writes: when they are sent again, data from before the hole must not come back.
        // It has no verifier that would tell of a restart between the answer and this, so the session's epoch has to.
        if (!_uncommitted.TryAdd(new UncommittedData.Entry { Offset = offset, Length = length, Number = number }, generation, out bool urgent))
            return (false, false);
        if (urgent)
            CommitInBackground();
        return (true, call.Epoch == _session.Epoch);
    }

    /// <summary>The next data at or behind <paramref name="offset"/>; null when there is none up to the end of the file.</summary>
    /// <exception cref="NotSupportedException">The server can't tell, or NFSv4.1 is spoken.</exception>
    public Task<long?> SeekDataAsync(long offset, CancellationToken cancellation = default) => SeekAsync(offset, hole: false, cancellation);

    /// <summary>The next hole at or behind <paramref name="offset"/>, the end of the file being one; null when <paramref name="offset"/> is behind the end.</summary>
    /// <exception cref="NotSupportedException">The server can't tell, or NFSv4.1 is spoken.</exception>
    public Task<long?> SeekHoleAsync(long offset, CancellationToken cancellation = default) => SeekAsync(offset, hole: true, cancellation);

    private async Task<long?> SeekAsync(long offset, bool hole, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        CompoundCall call = await RunSpaceAsync(
            OperationCode.Seek,
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, _handle);
                Seek.Encode(ref writer, _state.ForIo, offset, hole);
            },
            cancellation,
            alsoAnswer: NfsStatus.Nxio);
        // Behind the last data, and behind the end (section 15.11.3).
        if (call.Status == NfsStatus.Nxio)
            return null;
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.Seek);
        Seek.Result result = Seek.Decode(ref reader);
        if (result.Offset < offset && !result.EndOfFile)
            throw new XdrException($"SEEK from {offset} went back to {result.Offset}");
        // At the end of the file: no further data, while the end itself counts as a hole.
        return result.EndOfFile && !hole ? null : Math.Max(offset, result.Offset);
    }

    /// <summary>A request of NFSv4.2 until it is answered: later, state lost and no room are seen to.</summary>
    private async Task<CompoundCall> RunSpaceAsync(
        OperationCode code, CompoundEncoder encode, CancellationToken cancellation, NfsStatus alsoAnswer = NfsStatus.Ok)
    {
        _session.RequireSupport(code, Path);
        string name = code.ToString().ToUpperInvariant();
        using Holding holding = new(this);
        for (int attempt = 0; ; attempt++)
        {
            ThrowIfUnusable();
            CompoundCall call = await Requests.RunAsync(_session, name, encode, cancellation, hard: true);
            if (call.Status == NfsStatus.Ok || call.Status == alsoAnswer)
                return call;
            if (NfsSession.IsUnsupported(call.Status))
            {
                _session.NoteUnsupported(code);
                _session.RequireSupport(code, Path);
            }
            if (IsHeldBy(call.Status))
                await holding.PauseAsync(call.Status, cancellation);
            else
                await HandleAsync(call.Status, name, call.Epoch, attempt, cancellation);
        }
    }

    private static void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
    }
}
