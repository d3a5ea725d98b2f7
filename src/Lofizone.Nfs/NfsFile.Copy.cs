using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>Copies that the server makes by itself (RFC 7862 section 4 and 15.13): both files are open here, on one client.</summary>
public sealed partial class NfsFile
{
    /// <summary>Bytes asked for in one COPY: a server may copy before it answers, and no other request of ours waits for it, but a person does.</summary>
    private const long CopyPartBytes = 64L << 20;

    /// <summary>How often a copy begins anew because the server restarted under it.</summary>
    private const int CopyAttempts = 3;

    private static readonly TimeSpan _copyPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Shares the range's blocks with <paramref name="target"/> (a reflink): at once, whatever its size. Durable when it returns.</summary>
    /// <exception cref="NotSupportedException">The server or its file system can't, or NFSv4.1 is spoken.</exception>
    /// <exception cref="NfsException">INVAL among others: offsets and length are no multiples of the file system's blocks.</exception>
    public async Task CloneToAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation = default)
    {
        CheckRange(from, length);
        CheckRange(to, length);
        await CommitAsync(cancellation);
        await RunSpaceAsync(
            OperationCode.Clone,
            (ref XdrWriter writer) =>
            {
                EncodeBoth(ref writer, target);
                Copy.EncodeClone(ref writer, _state.ForIo, target._state.ForIo, from, to, length);
            },
            cancellation);
        await target.CommitVerifierAsync(cancellation);
        target.GrowTo(to + length);
    }

    /// <summary>Has the server copy a range into <paramref name="target"/>; durable when it returns. Holes may become zeros.</summary>
    /// <param name="target">An open file of the same client, open for writing.</param>
    /// <param name="from">Offset here.</param>
    /// <param name="to">Offset there.</param>
    /// <param name="length">Bytes; the range must lie within this file.</param>
    /// <param name="cancellation">Ends the copy, half done.</param>
    /// <exception cref="NotSupportedException">The server can't, or NFSv4.1 is spoken.</exception>
    public async Task CopyToAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation = default)
    {
        CheckRange(from, length);
        CheckRange(to, length);
        await CommitAsync(cancellation);
        for (int attempt = 0; attempt < CopyAttempts; attempt++)
        {
            ulong? verifier = null;
            bool whole = true;
            for (long done = 0; done < length && whole;)
            {
                (long count, ulong? written) = await CopyPartAsync(target, from + done, to + done, Math.Min(CopyPartBytes, length - done), cancellation);
                whole = written is null || verifier is null || written == verifier;
                verifier = written ?? verifier;
                done += count;
            }
            // The server restarted in between: what it had copied and not stored is gone.
            if (!whole)
                continue;
            if (await target.CommitVerifierAsync(cancellation) is var committed && (verifier is null || committed == verifier))
            {
                target.GrowTo(to + length);
                return;
            }
        }
        throw new NfsException(null, "COPY", target.Path, $"COPY {Path} to {target.Path}: the server restarted {CopyAttempts} times while it copied");
    }

    /// <returns>Bytes copied, more than none; and the write verifier of those that are not durable yet.</returns>
    private async Task<(long Count, ulong? Verifier)> CopyPartAsync(NfsFile target, long from, long to, long length, CancellationToken cancellation)
    {
        bool synchronous = true;
        while (true)
        {
            bool wait = synchronous;
            CompoundCall call = await RunSpaceAsync(
                OperationCode.Copy,
                (ref XdrWriter writer) =>
                {
                    EncodeBoth(ref writer, target);
                    Copy.Encode(ref writer, _state.ForIo, target._state.ForIo, from, to, length, wait);
                },
                cancellation,
                alsoAnswer: NfsStatus.OffloadNoReqs);
            if (call.Status == NfsStatus.OffloadNoReqs)
            {
                // It copies only behind its answer (section 15.2.3).
                if (!synchronous)
                    throw NfsException.For(call.Status, "COPY", target.Path);
                synchronous = false;
                continue;
            }
            XdrReader reader = call.Results;
            ExpectBoth(ref reader);
            CompoundCall.Expect(ref reader, OperationCode.Copy);
            Copy.Result result = Copy.Decode(ref reader, length);
            long count = result.Running is { } running ? await FollowAsync(target, running, length, cancellation) : result.Count;
            if (count == 0)
                throw new NfsException(null, "COPY", target.Path, $"COPY {Path} to {target.Path}: the server copied nothing at offset {from}");
            return (count, result.Committed == Stability.FileSync ? null : result.Verifier);
        }
    }

    /// <summary>Asks how far a copy behind its answer is, until it is through.</summary>
    private async Task<long> FollowAsync(NfsFile target, StateId running, long length, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                CompoundCall call = await target.RunSpaceAsync(
                    OperationCode.OffloadStatus,
                    (ref XdrWriter writer) =>
                    {
                        FileHandle.EncodePut(ref writer, target._handle);
                        Copy.EncodeStatus(ref writer, running);
                    },
                    cancellation);
                XdrReader reader = call.Results;
                CompoundCall.Expect(ref reader, OperationCode.PutFh);
                CompoundCall.Expect(ref reader, OperationCode.OffloadStatus);
                Copy.Progress progress = Copy.DecodeStatus(ref reader, length);
                if (progress.Complete is { } outcome)
                    return outcome == NfsStatus.Ok ? progress.Count : throw NfsException.For(outcome, "COPY", target.Path);
                await Task.Delay(_copyPoll, _session.Options.TimeProvider, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            await CancelCopyAsync(target, running);
            throw;
        }
    }

    private async Task CancelCopyAsync(NfsFile target, StateId running)
    {
        try
        {
            await Requests.RunAsync(
                _session,
                "OFFLOAD_CANCEL",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, target._handle);
                    Copy.EncodeCancel(ref writer, running);
                },
                CancellationToken.None);
        }
        catch (NfsException)
        {
            // The cancellation under way says more; the server ends the copy by itself.
        }
    }

    /// <summary>COMMIT of the whole file, also of what this client has not written itself.</summary>
    private async Task<ulong> CommitVerifierAsync(CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            ThrowIfUnusable();
            CompoundCall call = await Requests.RunAsync(
                _session,
                "COMMIT",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, _handle);
                    Commit.Encode(ref writer);
                },
                cancellation,
                hard: true);
            if (call.Status == NfsStatus.Ok)
                return DecodeCommit(call);
            await HandleAsync(call.Status, "COMMIT", call.Epoch, attempt, cancellation);
        }
    }

    private void EncodeBoth(ref XdrWriter writer, NfsFile target)
    {
        FileHandle.EncodePut(ref writer, _handle);
        FileHandle.EncodeSave(ref writer);
        FileHandle.EncodePut(ref writer, target._handle);
    }

    private static void ExpectBoth(ref XdrReader reader)
    {
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.SaveFh);
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
    }
}
