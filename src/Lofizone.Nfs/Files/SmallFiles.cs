using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Reads a file that fits into one answer, in one round trip: LOOKUP, GETATTR and READ in one COMPOUND. The READ has the anonymous state ID
/// (RFC 8881 section 8.2.3), so the file needs no OPEN.
/// </summary>
internal sealed class SmallFiles(NfsSession session, NameWalk names)
{
    /// <summary>Largest READ, bytes.</summary>
    public const int LimitBytes = 64 << 10;

    /// <summary>
    /// Reads attributes and content of the object at the path. The content is null for an object that is no regular file, for a file larger
    /// than the READ, and when the server wants an OPEN before the READ.
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
        // The file was removed after the LOOKUP. The next walk finds the new file, or no file.
        if (status is NfsStatus.Stale or NfsStatus.FhExpired)
            throw NfsException.For(status, NfsNames.Operation((int)OperationCode.Read), path);
        if (status != NfsStatus.Ok || attributes.Type != NfsFileType.Regular)
            return new NfsSmallFile(attributes, null);
        (bool end, byte[] content) = Read.Decode(ref reader, asked);
        return new NfsSmallFile(attributes, end || content.Length >= attributes.Size ? content : null);
    }
}
