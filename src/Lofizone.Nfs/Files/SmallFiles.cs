using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Reads files that fit into one answer, in one round trip: LOOKUP, GETATTR and READ in one COMPOUND. The READ has the anonymous state ID
/// (RFC 8881 section 8.2.3), so that nothing is opened: it sees the file as it is then, under whichever name it was reached.
/// </summary>
internal sealed class SmallFiles(NfsSession session, NameWalk names)
{
    /// <summary>Most that is asked for at once, bytes.</summary>
    public const int LimitBytes = 64 << 10;

    /// <summary>
    /// What stands at the path. Without content when that is no regular file, is larger than what is asked for, or is none that the server
    /// lets be read without an OPEN.
    /// </summary>
    public async Task<NfsSmallFile> ReadAsync(string path, CancellationToken cancellation)
    {
        int asked = Math.Min(LimitBytes, session.MaxReadBytes / 2);
        NameCall walked = await names.RunAsync(
            path,
            OperationCode.GetAttr,
            (ref XdrWriter writer) =>
            {
                GetAttr.Encode(ref writer, GetAttr.FileAttributes);
                Read.Encode(ref writer, StateId.Anonymous, 0, asked);
            },
            cancellation,
            keepReply: false);
        XdrReader reader = walked.Results();
        NfsStatus status = CompoundCall.NextStatus(ref reader, OperationCode.GetAttr);
        if (status != NfsStatus.Ok)
            throw NfsException.For(status, NfsNames.Operation((int)OperationCode.GetAttr), path);
        NfsAttributes attributes = GetAttr.Decode(ref reader);
        status = CompoundCall.NextStatus(ref reader, OperationCode.Read);
        // The name led to a file that is gone: the next walk finds another one, or none.
        if (status is NfsStatus.Stale or NfsStatus.FhExpired)
            throw NfsException.For(status, NfsNames.Operation((int)OperationCode.Read), path);
        if (status != NfsStatus.Ok || attributes.Type != NfsFileType.Regular)
            return new NfsSmallFile(attributes, null);
        (bool end, byte[] content) = Read.Decode(ref reader, asked);
        return new NfsSmallFile(attributes, end || content.Length >= attributes.Size ? content : null);
    }
}
