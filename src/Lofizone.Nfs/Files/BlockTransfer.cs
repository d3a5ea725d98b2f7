using System.Runtime.CompilerServices;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Packing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Reads and writes blocks of any size: in pieces of the size that the server accepts, repeated until the server has executed them.
/// </summary>
internal sealed class BlockTransfer(
    NfsSession session, FileState state, FileRequests requests, BlockSizes sizes, RoomWait room, Resender resender)
{
    private readonly RequestPacker _packer = new(session, state);

    /// <summary>
    /// Fills the buffer. Returns fewer bytes only at the end of the file. A buffer larger than one READ is filled in parallel.
    /// </summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) =>
        buffer.Length <= sizes.Read ? ReadOneAsync(offset, buffer, cancellation) : ReadManyAsync(offset, buffer, cancellation);

    /// <summary>Sends the data until the server has taken all bytes under one write verifier.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(ulong Verifier, bool IsDurable)> WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        int done = 0;
        int attempt = 0;
        ulong verifier = 0;
        bool isDurable = true;
        RoomWait.Turn? turn = null;
        try
        {
            while (true)
            {
                state.ThrowIfUnusable();
                FileBlock io = _packer.Rent();
                io.BeginWrite(offset + done, data.Slice(done, Math.Min(data.Length - done, sizes.WriteLimit)));
                NfsStatus status = await _packer.SendAsync(io);
                (Write.Result result, long epoch) = (io.Written, io.Epoch);
                _packer.Return(io);
                if (room.Holds(status))
                {
                    await (turn ??= new RoomWait.Turn(room)).PauseAsync(status, cancellation);
                    continue;
                }
                if (status != NfsStatus.Ok)
                {
                    if (!sizes.TryShrink(status, write: true))
                        await requests.HandleAsync(status, "WRITE", epoch, attempt++, cancellation);
                    continue;
                }
                state.NoteUse();
                isDurable = (done == 0 || isDurable) && result.Committed == Stability.FileSync;
                if (done > 0 && result.Verifier != verifier)
                {
                    // The server restarted between the pieces, so the first pieces may be lost.
                    done = 0;
                    continue;
                }
                verifier = result.Verifier;
                done += result.Count;
                if (done == data.Length)
                    return (verifier, isDurable);
            }
        }
        finally
        {
            turn?.Dispose();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadOneAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        int done = 0;
        int attempt = 0;
        while (done < buffer.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            state.ThrowIfUnusable();
            int passes = resender.Passes;
            if (resender.IsRefused)
                passes = await resender.RequireStoredAsync();
            FileBlock io = _packer.Rent();
            io.BeginRead(offset + done, buffer.Slice(done, Math.Min(buffer.Length - done, sizes.ReadLimit)));
            NfsStatus status = await _packer.SendAsync(io);
            (int count, bool isEnd, long epoch) = (io.ReadCount, io.EndOfFile, io.Epoch);
            _packer.Return(io);
            if (status != NfsStatus.Ok)
            {
                if (!sizes.TryShrink(status, write: false))
                    await requests.HandleAsync(status, "READ", epoch, attempt++, cancellation);
                continue;
            }
            state.NoteUse();
            if (passes != resender.Passes)
                continue;
            done += count;
            if (isEnd || count == 0)
                break;
        }
        return done;
    }

    private async ValueTask<int> ReadManyAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        List<Task<int>> parts = new(buffer.Length / sizes.Read + 1);
        for (int at = 0; at < buffer.Length; at += sizes.Read)
            parts.Add(ReadOneAsync(offset + at, buffer.Slice(at, Math.Min(sizes.Read, buffer.Length - at)), cancellation).AsTask());
        int total = 0;
        bool isEnd = false;
        foreach (int count in await Task.WhenAll(parts))
        {
            // Bytes behind the end of the file do not count, even if the file has grown since.
            if (!isEnd)
                total += count;
            isEnd |= count < sizes.Read;
        }
        return total;
    }
}
