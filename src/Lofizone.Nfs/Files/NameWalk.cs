using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>A COMPOUND of a walk along a path and further operations at the end of the path.</summary>
/// <param name="Call">The COMPOUND with its answer.</param>
/// <param name="Lookups">Number of LOOKUPs in the COMPOUND.</param>
/// <param name="FromRoot">True when the walk began at the pseudo root.</param>
internal readonly record struct NameCall(CompoundCall Call, int Lookups, bool FromRoot)
{
    /// <summary>Number of operations before the LOOKUPs: SEQUENCE, and PUTROOTFH or PUTFH.</summary>
    private const int Before = 2;

    /// <summary>
    /// True when all LOOKUPs have succeeded. A COMPOUND ends with its first failure (RFC 8881 section 16.2.3), so a result behind the last
    /// LOOKUP proves the LOOKUPs' success.
    /// </summary>
    public bool HasArrived => Call.Status == NfsStatus.Ok || Call.ResultCount > Before + Lookups;

    /// <summary>Results of the operations behind the walk.</summary>
    public XdrReader Results()
    {
        XdrReader reader = Call.Results;
        CompoundCall.Expect(ref reader, FromRoot ? OperationCode.PutRootFh : OperationCode.PutFh);
        for (int i = 0; i < Lookups; i++)
            CompoundCall.Expect(ref reader, OperationCode.Lookup);
        return reader;
    }
}

/// <summary>Encodes what is done with a name in the directory that a walk has led to.</summary>
internal delegate void NameEncoder(ref XdrWriter writer, string name);

/// <summary>
/// Finds file handles. Each path is walked from the pseudo root, component by component, and never through a symbolic link.
/// </summary>
internal sealed class NameWalk(NfsSession session)
{
    /// <summary>
    /// Number of operations of a walking COMPOUND without its LOOKUPs: SEQUENCE, PUTFH and up to three behind the LOOKUPs.
    /// </summary>
    private const int OtherOperations = 5;

    /// <summary>Limit set by the request buffer: a LOOKUP takes up to 264 bytes.</summary>
    public const int MaxLookupsPerCall = 24;

    /// <summary>The handle of the file or directory at the path.</summary>
    public Task<byte[]> ResolveAsync(string path, OperationCode operation, CancellationToken cancellation) =>
        WalkAsync(ServerPath.Split(path), operation, cancellation);

    /// <summary>The handle of the path's directory, and the last name of the path.</summary>
    public async Task<(byte[] Directory, string Name)> ResolveParentAsync(
        string path, OperationCode operation, CancellationToken cancellation)
    {
        (string[] directory, string name) = SplitLast(path, operation);
        return (await WalkAsync(directory, operation, cancellation), name);
    }

    /// <summary>
    /// Walks along the path, and runs further operations at its end in the same COMPOUND. The COMPOUND may run twice.
    /// </summary>
    /// <param name="path">Where.</param>
    /// <param name="operation">What the walk is for; its name stands in messages.</param>
    /// <param name="then">Encodes what follows the last LOOKUP.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="NfsException">The path leads nowhere. A failure behind the walk is the caller's to judge.</exception>
    public Task<NameCall> RunAsync(string path, OperationCode operation, CompoundEncoder then, CancellationToken cancellation) =>
        WalkAsync(ServerPath.Split(path), operation, then, cancellation);

    /// <summary>Like <see cref="RunAsync"/>, but walks to the path's directory only.</summary>
    public Task<NameCall> RunInParentAsync(string path, OperationCode operation, NameEncoder then, CancellationToken cancellation)
    {
        (string[] directory, string name) = SplitLast(path, operation);
        return WalkAsync(directory, operation, (ref XdrWriter writer) => then(ref writer, name), cancellation);
    }

    private static (string[] Directory, string Name) SplitLast(string path, OperationCode operation)
    {
        string[] names = ServerPath.Split(path);
        string what = NfsNames.Operation((int)operation);
        return names.Length > 0
            ? (names[..^1], names[^1])
            : throw new NfsException(NfsStatus.IsDir, what, path, $"{what} {path}: the server's root");
    }

    private async Task<byte[]> WalkAsync(string[] names, OperationCode operation, CancellationToken cancellation)
    {
        NameCall walked = await WalkAsync(names, operation, FileHandle.EncodeGet, cancellation);
        return Handle(walked, names, operation);
    }

    private async Task<NameCall> WalkAsync(
        string[] names, OperationCode operation, CompoundEncoder then, CancellationToken cancellation)
    {
        byte[]? from = null;
        int step = session.MaxOperations - OtherOperations;
        int at = 0;
        while (true)
        {
            string[] part = names[at..Math.Min(names.Length, at + Math.Min(step, MaxLookupsPerCall))];
            byte[]? start = from;
            CompoundEncoder last = at + part.Length < names.Length ? FileHandle.EncodeGet : then;
            CompoundCall call = await RepeatedRequest.RunAsync(
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
                    last(ref writer);
                },
                cancellation);
            if (call.Status is NfsStatus.TooManyOps or NfsStatus.Resource or NfsStatus.RepTooBig or NfsStatus.ReqTooBig && part.Length > 1)
            {
                // The server executes fewer operations in one COMPOUND than the server has announced (nfs-ganesha: 98 of 128).
                step = part.Length / 2;
                continue;
            }

            NameCall walked = new(call, part.Length, start is null);
            if (!walked.HasArrived)
                throw Failure(call, names, at, part.Length, operation);
            at += part.Length;
            if (at >= names.Length)
                return walked;
            from = Handle(walked, names[..at], operation);
        }
    }

    private static byte[] Handle(NameCall walked, string[] names, OperationCode operation)
    {
        if (walked.Call.Status != NfsStatus.Ok)
            throw NfsException.For(walked.Call.Status, NfsNames.Operation((int)operation), "/" + string.Join('/', names));
        XdrReader reader = walked.Results();
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        return FileHandle.DecodeGet(ref reader);
    }

    private static NfsException Failure(CompoundCall call, string[] names, int at, int count, OperationCode operation)
    {
        // SEQUENCE and PUTFH have the first two results. The last result is that of the LOOKUP that failed.
        int failed = Math.Clamp(call.ResultCount - 3, 0, Math.Max(0, count - 1));
        // The LOOKUP of a link succeeds. The LOOKUP of the next component in the link fails (RFC 8881 section 18.13).
        if (call.Status == NfsStatus.Symlink && failed > 0)
            failed--;
        return NfsException.For(call.Status, NfsNames.Operation((int)operation), "/" + string.Join('/', names.Take(at + failed + 1)));
    }
}
