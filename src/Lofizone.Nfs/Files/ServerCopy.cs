using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>The parts of a file that a copy needs of source and target.</summary>
internal sealed record CopyEnd(FileState State, FileRequests Requests, WriteBack WriteBack);

/// <summary>A copy that the server makes by itself (RFC 7862 sections 4 and 15.13), between two files that one client has open.</summary>
internal sealed class ServerCopy(NfsSession session, CopyEnd source, CopyEnd target)
{
    /// <summary>Number of bytes in one COPY. A server may copy before it answers, and the user waits for the answer.</summary>
    private const long PartBytes = 64L << 20;

    /// <summary>Number of times that a copy starts, because the server restarted during the copy.</summary>
    private const int Attempts = 3;

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(250);

    /// <summary>Shares the range's blocks. The result is durable on return.</summary>
    public async Task CloneAsync(long from, long to, long length, CancellationToken cancellation)
    {
        await PrepareAsync(from, to, length, cancellation);
        await source.Requests.RunUntilDoneAsync(
            OperationCode.Clone,
            (ref XdrWriter writer) =>
            {
                EncodeTarget(ref writer);
                Copy.EncodeClone(ref writer, source.State.StateId, target.State.StateId, from, to, length);
            },
            cancellation,
            hard: true);
        await target.WriteBack.CommitAllAsync(cancellation);
        target.State.GrowTo(to + length);
    }

    /// <summary>Has the server copy the range. The result is durable on return.</summary>
    public async Task CopyAsync(long from, long to, long length, CancellationToken cancellation)
    {
        await PrepareAsync(from, to, length, cancellation);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            ulong? verifier = null;
            bool isWhole = true;
            for (long done = 0; done < length && isWhole;)
            {
                long part = Math.Min(PartBytes, length - done);
                (long count, ulong? written) = await CopyPartAsync(from + done, to + done, part, cancellation);
                isWhole = written is null || verifier is null || written == verifier;
                verifier = written ?? verifier;
                done += count;
            }
            // The server restarted during the copy. Data that was copied and not stored is lost.
            if (!isWhole)
                continue;
            if (await target.WriteBack.CommitAllAsync(cancellation) is var committed && (verifier is null || committed == verifier))
            {
                target.State.GrowTo(to + length);
                return;
            }
        }
        throw Failed($"the server restarted {Attempts} times while it copied");
    }

    private async Task PrepareAsync(long from, long to, long length, CancellationToken cancellation)
    {
        FileSpace.CheckRange(from, length);
        FileSpace.CheckRange(to, length);
        await source.WriteBack.CommitAsync().WaitAsync(cancellation);
    }

    /// <returns>Number of bytes copied, at least one; and the write verifier while the bytes are not durable.</returns>
    private async Task<(long Count, ulong? Verifier)> CopyPartAsync(long from, long to, long length, CancellationToken cancellation)
    {
        CompoundCall call = await SendAsync(isSynchronous: true);
        // OFFLOAD_NO_REQS: the server copies only asynchronously, after its answer (RFC 7862 section 15.2.3).
        if (call.Status == NfsStatus.OffloadNoReqs)
            call = await SendAsync(isSynchronous: false);
        if (call.Status == NfsStatus.OffloadNoReqs)
            throw NfsException.For(call.Status, "COPY", target.State.Path);
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.SaveFh);
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.Copy);
        Copy.Result result = Copy.Decode(ref reader, length);
        long count = result.Running is { } running ? await FollowAsync(running, length, cancellation) : result.Count;
        if (count == 0)
            throw Failed($"the server copied nothing at offset {from}");
        return (count, result.Committed == Stability.FileSync ? null : result.Verifier);

        Task<CompoundCall> SendAsync(bool isSynchronous) => source.Requests.RunUntilDoneAsync(
            OperationCode.Copy,
            (ref XdrWriter writer) =>
            {
                EncodeTarget(ref writer);
                Copy.Encode(ref writer, source.State.StateId, target.State.StateId, from, to, length, isSynchronous);
            },
            cancellation,
            hard: true,
            answer: NfsStatus.OffloadNoReqs);
    }

    /// <summary>Asks for the progress of an asynchronous copy until the copy has ended.</summary>
    private async Task<long> FollowAsync(StateId running, long length, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                CompoundCall call = await target.Requests.RunUntilDoneAsync(
                    OperationCode.OffloadStatus,
                    (ref XdrWriter writer) => Copy.EncodeStatus(ref writer, running),
                    cancellation,
                    hard: true);
                XdrReader reader = call.ResultOf(OperationCode.OffloadStatus);
                Copy.Progress progress = Copy.DecodeStatus(ref reader, length);
                if (progress.Complete is { } outcome)
                    return outcome == NfsStatus.Ok ? progress.Count : throw NfsException.For(outcome, "COPY", target.State.Path);
                await Task.Delay(_poll, session.Options.TimeProvider, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            await CancelAsync(running);
            throw;
        }
    }

    private async Task CancelAsync(StateId running)
    {
        try
        {
            await target.Requests.RunAsync(
                OperationCode.OffloadCancel, (ref XdrWriter writer) => Copy.EncodeCancel(ref writer, running), CancellationToken.None);
        }
        catch (NfsException)
        {
            // The caller gets the cancellation, which tells more. The server ends the copy by itself.
        }
    }

    /// <summary>Encodes the operations behind PUTFH of the source: saves the source's handle, and chooses the target.</summary>
    private void EncodeTarget(ref XdrWriter writer)
    {
        FileHandle.EncodeSave(ref writer);
        FileHandle.EncodePut(ref writer, target.State.Handle);
    }

    private NfsException Failed(string why) =>
        new(null, "COPY", target.State.Path, $"COPY {source.State.Path} to {target.State.Path}: {why}");
}
