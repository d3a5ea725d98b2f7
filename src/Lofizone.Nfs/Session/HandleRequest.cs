using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// COMPOUNDs that choose a file or directory with PUTFH (RFC 8881 section 18.19) and apply one operation to the chosen object.
/// </summary>
internal static class HandleRequest
{
    /// <summary>See <see cref="RepeatedRequest.RunAsync"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="handle">The file or directory.</param>
    /// <param name="operation">The operation that the request is for; messages name the operation.</param>
    /// <param name="encode">Encodes what follows PUTFH.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="hard">Wait for the server without limit.</param>
    /// <param name="answer">A status that the caller handles, although the status means "try again" elsewhere.</param>
    public static Task<CompoundCall> RunAsync(
        NfsSession session, byte[] handle, OperationCode operation, CompoundEncoder encode, CancellationToken cancellation,
        bool hard = false, NfsStatus answer = NfsStatus.Ok) =>
        RepeatedRequest.RunAsync(
            session,
            NfsNames.Operation((int)operation),
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, handle);
                encode(ref writer);
            },
            cancellation,
            hard,
            answer: answer);

    /// <exception cref="NfsException">The server refused the request.</exception>
    public static void ThrowIfFailed(this CompoundCall call, OperationCode operation, string path)
    {
        if (call.Status != NfsStatus.Ok)
            throw NfsException.For(call.Status, NfsNames.Operation((int)operation), path);
    }

    /// <summary>The result of the operation behind PUTFH, in a COMPOUND that succeeded.</summary>
    public static XdrReader ResultOf(this CompoundCall call, OperationCode operation)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, operation);
        return reader;
    }

    /// <summary>The holder of the lock, when the operation behind PUTFH was refused with NFS4ERR_DENIED.</summary>
    public static NfsLockHolder HolderOf(this CompoundCall call, OperationCode operation)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.NextStatus(ref reader, operation);
        return Locking.DecodeDenied(ref reader);
    }
}
