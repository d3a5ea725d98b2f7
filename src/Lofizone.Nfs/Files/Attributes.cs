using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>Attributes of a file or directory that is not opened.</summary>
internal sealed class Attributes(NfsSession session, NameWalk names)
{
    public async Task<NfsAttributes> GetAsync(string path, Bitmap wanted, CancellationToken cancellation)
    {
        NameCall walked = await names.RunAsync(
            path, OperationCode.GetAttr, (ref XdrWriter writer) => GetAttr.Encode(ref writer, wanted), cancellation);
        walked.Call.ThrowIfFailed(OperationCode.GetAttr, path);
        XdrReader reader = walked.Results();
        CompoundCall.Expect(ref reader, OperationCode.GetAttr);
        return GetAttr.Decode(ref reader);
    }

    /// <param name="handle">The file.</param>
    /// <param name="path">The file's path, for messages.</param>
    /// <param name="wanted">Attributes to ask for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<NfsAttributes> GetAsync(byte[] handle, string path, Bitmap wanted, CancellationToken cancellation)
    {
        CompoundCall call = await HandleRequest.RunAsync(
            session, handle, OperationCode.GetAttr, (ref XdrWriter writer) => GetAttr.Encode(ref writer, wanted), cancellation);
        call.ThrowIfFailed(OperationCode.GetAttr, path);
        XdrReader reader = call.ResultOf(OperationCode.GetAttr);
        return GetAttr.Decode(ref reader);
    }

    /// <summary>Null when the path names nothing, in a directory that exists.</summary>
    public async Task<NfsAttributes?> TryGetAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await GetAsync(path, GetAttr.FileAttributes, cancellation);
        }
        catch (NfsException error) when (error.Status == NfsStatus.NoEnt && error.Path == path)
        {
            return null;
        }
    }

    public async Task<NfsAccess> GetAccessAsync(string path, NfsAccess wanted, CancellationToken cancellation)
    {
        NameCall walked = await names.RunAsync(
            path, OperationCode.Access, (ref XdrWriter writer) => Access.Encode(ref writer, wanted), cancellation);
        walked.Call.ThrowIfFailed(OperationCode.Access, path);
        XdrReader reader = walked.Results();
        CompoundCall.Expect(ref reader, OperationCode.Access);
        return Access.Decode(ref reader);
    }
}
