using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>Operations on names: each path is walked from the pseudo root, component by component, and never through a symbolic link.</summary>
public sealed partial class NfsClient
{
    private const int MaxDirectoryEntries = 1_000_000;

    /// <summary>Operations of a walking COMPOUND besides its LOOKUPs: SEQUENCE, PUTFH, GETFH, GETATTR.</summary>
    private const int WalkOverhead = 4;

    public async Task<NfsAttributes> GetAttributesAsync(string path, CancellationToken cancellation = default)
    {
        byte[] handle = await ResolveAsync(path, "GETATTR", cancellation);
        return await GetAttributesAsync(handle, path, GetAttr.FileAttributes, cancellation);
    }

    /// <summary>Attributes, or null when nothing stands at the path (its directory must exist).</summary>
    public async Task<NfsAttributes?> TryGetAttributesAsync(string path, CancellationToken cancellation = default)
    {
        try
        {
            return await GetAttributesAsync(path, cancellation);
        }
        catch (NfsException error) when (error.Status == NfsStatus.NoEnt && error.Path == path)
        {
            return null;
        }
    }

    /// <summary>What this identity may do at the path, of what is asked for.</summary>
    public async Task<NfsAccess> GetAccessAsync(string path, NfsAccess wanted, CancellationToken cancellation = default)
    {
        byte[] handle = await ResolveAsync(path, "ACCESS", cancellation);
        CompoundCall call = await Requests.RunAsync(
            _session,
            "ACCESS",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, handle);
                Access.Encode(ref writer, wanted);
            },
            cancellation);
        ThrowIfFailed(call.Status, "ACCESS", path);
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.Access);
        return Access.Decode(ref reader);
    }

    /// <summary>Space of the file system at the path.</summary>
    public async Task<NfsSpace> GetSpaceAsync(string path, CancellationToken cancellation = default)
    {
        byte[] handle = await ResolveAsync(path, "GETATTR", cancellation);
        return (await GetAttributesAsync(handle, path, GetAttr.SpaceAttributes, cancellation)).Space;
    }

    /// <summary>Names in a directory, without "." and "..".</summary>
    public async Task<IReadOnlyList<NfsDirectoryEntry>> ReadDirectoryAsync(string path, CancellationToken cancellation = default)
    {
        byte[] handle = await ResolveAsync(path, "READDIR", cancellation);
        List<NfsDirectoryEntry> entries = [];
        ReadDir.Cursor? cursor = default(ReadDir.Cursor);
        while (cursor is { } from)
        {
            CompoundCall call = await Requests.RunAsync(
                _session,
                "READDIR",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, handle);
                    ReadDir.Encode(ref writer, from);
                },
                cancellation);
            ThrowIfFailed(call.Status, "READDIR", path);
            cursor = DecodePage(call, entries);
            if (entries.Count > MaxDirectoryEntries)
                throw new NfsException(null, "READDIR", path, $"READDIR {path}: more than {MaxDirectoryEntries} names");
        }
        return entries;
    }

    private static ReadDir.Cursor? DecodePage(CompoundCall call, List<NfsDirectoryEntry> entries)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.ReadDir);
        return ReadDir.Decode(ref reader, entries);
    }

    private async Task<NfsAttributes> GetAttributesAsync(byte[] handle, string path, Bitmap wanted, CancellationToken cancellation)
    {
        CompoundCall call = await Requests.RunAsync(
            _session,
            "GETATTR",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, handle);
                GetAttr.Encode(ref writer, wanted);
            },
            cancellation);
        ThrowIfFailed(call.Status, "GETATTR", path);
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.GetAttr);
        return GetAttr.Decode(ref reader);
    }

    private async Task<(byte[] Directory, string Name)> ResolveParentAsync(string path, string operation, CancellationToken cancellation)
    {
        string[] names = ServerPath.Split(path);
        if (names.Length == 0)
            throw new NfsException(NfsStatus.IsDir, operation, path, $"{operation} {path}: the server's root");
        return (await WalkAsync(names[..^1], operation, cancellation), names[^1]);
    }

    private Task<byte[]> ResolveAsync(string path, string operation, CancellationToken cancellation) => WalkAsync(ServerPath.Split(path), operation, cancellation);

    /// <summary>The file handle at the end of the names.</summary>
    private async Task<byte[]> WalkAsync(string[] names, string operation, CancellationToken cancellation)
    {
        byte[]? from = null;
        int step = _session.MaxOperations - WalkOverhead;
        int at = 0;
        do
        {
            string[] part = names[at..Math.Min(names.Length, at + Math.Min(step, MaxLookupsPerCall))];
            byte[]? start = from;
            CompoundCall call = await Requests.RunAsync(
                _session,
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
                // The server takes fewer operations at once than it said (ganesha: 98 of 128).
                step = part.Length / 2;
                continue;
            }
            from = DecodeWalk(call, names, at, part.Length, start is null, operation);
            at += part.Length;
        }
        while (at < names.Length);
        return from!;
    }

    /// <summary>Bound by the request buffer: a name takes up to 264 bytes.</summary>
    private const int MaxLookupsPerCall = 24;

    private static byte[] DecodeWalk(CompoundCall call, string[] names, int at, int count, bool fromRoot, string operation)
    {
        if (call.Status != NfsStatus.Ok)
        {
            // SEQUENCE and the file handle come first; the last result is that of the component that failed.
            int failed = Math.Clamp(call.ResultCount - 3, 0, Math.Max(0, count - 1));
            // Looking up in a symbolic link fails one component later than the link.
            if (call.Status == NfsStatus.Symlink && failed > 0)
                failed--;
            string where = "/" + string.Join('/', names.Take(at + failed + 1));
            throw NfsException.For(call.Status, operation, where);
        }
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, fromRoot ? OperationCode.PutRootFh : OperationCode.PutFh);
        for (int i = 0; i < count; i++)
            CompoundCall.Expect(ref reader, OperationCode.Lookup);
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        return FileHandle.DecodeGet(ref reader);
    }
}
