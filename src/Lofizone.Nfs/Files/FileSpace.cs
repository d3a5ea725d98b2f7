using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>Space and holes (RFC 7862 sections 4.3 and 15).</summary>
internal sealed class FileSpace(FileState state, FileRequests requests, WriteBack writeBack)
{
    public async ValueTask AllocateAsync(long offset, long length, CancellationToken cancellation)
    {
        CheckRange(offset, length);
        await requests.RunUntilDoneAsync(
            OperationCode.Allocate,
            (ref XdrWriter writer) => Allocate.Encode(ref writer, state.StateId, offset, length),
            cancellation,
            hard: true);
        state.GrowTo(offset + length);
    }

    public ValueTask DeallocateAsync(long offset, long length, CancellationToken cancellation)
    {
        CheckRange(offset, length);
        return writeBack.PunchAsync(
            offset,
            length,
            async () => (await requests.RunUntilDoneAsync(
                OperationCode.Deallocate,
                (ref XdrWriter writer) => Deallocate.Encode(ref writer, state.StateId, offset, length),
                cancellation,
                hard: true)).Epoch,
            cancellation);
    }

    /// <summary>Offset of the next data, or of the next hole, at or behind <paramref name="offset"/>; null when there is none.</summary>
    public async Task<long?> SeekAsync(long offset, bool hole, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        CompoundCall call = await requests.RunUntilDoneAsync(
            OperationCode.Seek,
            (ref XdrWriter writer) => Seek.Encode(ref writer, state.StateId, offset, hole),
            cancellation,
            hard: true,
            answer: NfsStatus.Nxio);
        // NFS4ERR_NXIO: the offset is behind the last data, or behind the end (RFC 7862 section 15.11.3).
        if (call.Status == NfsStatus.Nxio)
            return null;
        XdrReader reader = call.ResultOf(OperationCode.Seek);
        Seek.Result result = Seek.Decode(ref reader);
        if (result.Offset < offset && !result.EndOfFile)
            throw new XdrException($"SEEK from {offset} went back to {result.Offset}");
        // There is no data at the end of the file, while the end itself counts as a hole.
        return result.EndOfFile && !hole ? null : Math.Max(offset, result.Offset);
    }

    public static void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
    }
}
