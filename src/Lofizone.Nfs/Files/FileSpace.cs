using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Space and holes (RFC 7862 sections 4.3 and 15), and the other operations that only NFSv4.2 has. An operation that the server lacks is
/// asked for once, and refused here from then on.
/// </summary>
internal sealed class FileSpace(NfsSession session, FileState state, FileRequests requests, RoomWait room, WriteBack writeBack)
{
    public async ValueTask AllocateAsync(long offset, long length, CancellationToken cancellation)
    {
        CheckRange(offset, length);
        await RunAsync(OperationCode.Allocate, (ref XdrWriter writer) => Allocate.Encode(ref writer, state.StateId, offset, length), cancellation);
        state.GrowTo(offset + length);
    }

    public ValueTask DeallocateAsync(long offset, long length, CancellationToken cancellation)
    {
        CheckRange(offset, length);
        return writeBack.PunchAsync(
            offset,
            length,
            async () => (await RunAsync(
                OperationCode.Deallocate, (ref XdrWriter writer) => Deallocate.Encode(ref writer, state.StateId, offset, length), cancellation)).Epoch,
            cancellation);
    }

    /// <summary>The next data, or the next hole, at or behind <paramref name="offset"/>; null when there is none.</summary>
    public async Task<long?> SeekAsync(long offset, bool hole, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        CompoundCall call = await RunAsync(
            OperationCode.Seek, (ref XdrWriter writer) => Seek.Encode(ref writer, state.StateId, offset, hole), cancellation, answer: NfsStatus.Nxio);
        // NXIO: behind the last data, or behind the end (RFC 7862 section 15.11.3).
        if (call.Status == NfsStatus.Nxio)
            return null;
        XdrReader reader = call.ResultOf(OperationCode.Seek);
        Seek.Result result = Seek.Decode(ref reader);
        if (result.Offset < offset && !result.EndOfFile)
            throw new XdrException($"SEEK from {offset} went back to {result.Offset}");
        // At the end of the file there is no further data, while the end itself counts as a hole.
        return result.EndOfFile && !hole ? null : Math.Max(offset, result.Offset);
    }

    /// <summary>A request of NFSv4.2 until the server answers: it waits while the server says "later", has lost the state, or has no room.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="encode">Encodes what follows PUTFH.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="answer">A failure that the caller looks at.</param>
    /// <exception cref="NotSupportedException">The server has no such operation.</exception>
    public async Task<CompoundCall> RunAsync(OperationCode operation, CompoundEncoder encode, CancellationToken cancellation, NfsStatus answer = NfsStatus.Ok)
    {
        session.RequireSupport(operation, state.Path);
        using RoomWait.Turn turn = new(room);
        for (int attempt = 0; ; attempt++)
        {
            state.ThrowIfUnusable();
            CompoundCall call = await requests.RunAsync(operation, encode, cancellation, hard: true);
            if (call.Status == NfsStatus.Ok || call.Status == answer)
                return call;
            if (NfsSession.IsUnsupported(call.Status))
            {
                session.NoteUnsupported(operation);
                session.RequireSupport(operation, state.Path);
            }
            if (room.Holds(call.Status))
                await turn.PauseAsync(call.Status, cancellation);
            else
                await requests.HandleAsync(call.Status, NfsNames.Operation((int)operation), call.Epoch, attempt, cancellation);
        }
    }

    public static void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
    }
}
