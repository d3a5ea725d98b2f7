using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Finds file handles. Each path is walked from the pseudo root, component by component, and never through a symbolic link.
/// </summary>
internal sealed class NameWalk(NfsSession session)
{
    /// <summary>Number of operations of a walking COMPOUND without its LOOKUPs: SEQUENCE, PUTFH, GETFH, GETATTR.</summary>
    private const int OtherOperations = 4;

    /// <summary>Limit set by the request buffer: a LOOKUP takes up to 264 bytes.</summary>
    private const int MaxLookupsPerCall = 24;

    /// <summary>The handle of the file or directory at the path.</summary>
    public Task<byte[]> ResolveAsync(string path, OperationCode operation, CancellationToken cancellation) =>
        WalkAsync(ServerPath.Split(path), operation, cancellation);

    /// <summary>The handle of the path's directory, and the last name of the path.</summary>
    public async Task<(byte[] Directory, string Name)> ResolveParentAsync(
        string path, OperationCode operation, CancellationToken cancellation)
    {
        string[] names = ServerPath.Split(path);
        string what = NfsNames.Operation((int)operation);
        if (names.Length == 0)
            throw new NfsException(NfsStatus.IsDir, what, path, $"{what} {path}: the server's root");
        return (await WalkAsync(names[..^1], operation, cancellation), names[^1]);
    }

    private async Task<byte[]> WalkAsync(string[] names, OperationCode operation, CancellationToken cancellation)
    {
        byte[]? from = null;
        int step = session.MaxOperations - OtherOperations;
        int at = 0;
        do
        {
            string[] part = names[at..Math.Min(names.Length, at + Math.Min(step, MaxLookupsPerCall))];
            byte[]? start = from;
            CompoundCall call = await Requests.RunAsync(
                session,
                "LOOKUP",
                (ref XdrWriter writer) =>
                {
                    if (start is null)
                        FileHandle.EncodePutRoot(ref writer);
                    else
                        FileHandle.EncodePut(ref writer, start);
                    foreach (string name in part)
                        Lookup.Encode(ref writer, name);
                    FileHandle.EncodeGet(ref writer);
                },
                cancellation);
            if (call.Status is NfsStatus.TooManyOps or NfsStatus.Resource or NfsStatus.RepTooBig or NfsStatus.ReqTooBig && part.Length > 1)
            {
                // The server executes fewer operations in one COMPOUND than it announced (ganesha: 98 of 128).
                step = part.Length / 2;
                continue;
            }
            from = Decode(call, names, at, part.Length, start is null, operation);
            at += part.Length;
        }
        while (at < names.Length);
        return from!;
    }

    private static byte[] Decode(CompoundCall call, string[] names, int at, int count, bool fromRoot, OperationCode operation)
    {
        if (call.Status != NfsStatus.Ok)
        {
            // The results of SEQUENCE and of the file handle stand first. The last result is that of the component that failed.
            int failed = Math.Clamp(call.ResultCount - 3, 0, Math.Max(0, count - 1));
            // A LOOKUP in a symbolic link fails one component behind the link.
            if (call.Status == NfsStatus.Symlink && failed > 0)
                failed--;
            throw NfsException.For(call.Status, NfsNames.Operation((int)operation), "/" + string.Join('/', names.Take(at + failed + 1)));
        }
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, fromRoot ? OperationCode.PutRootFh : OperationCode.PutFh);
        for (int i = 0; i < count; i++)
            CompoundCall.Expect(ref reader, OperationCode.Lookup);
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        return FileHandle.DecodeGet(ref reader);
    }
}
