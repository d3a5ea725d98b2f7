using Lofizone.Interop;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Reads and changes directories. The server may execute a change only once. When the answer to a change is lost with its session, the
/// second request meets the result of the first. Then the provable facts decide, and only another client's change is an error.
/// </summary>
internal sealed class Directories(NfsSession session, NameWalk names, Attributes attributes)
{
    private const int MaxEntries = 1_000_000;

    private volatile bool _hasNoCreateTime;

    /// <summary>Names in a directory, without "." and "..".</summary>
    public async Task<IReadOnlyList<NfsDirectoryEntry>> ReadAsync(string path, CancellationToken cancellation)
    {
        byte[] handle = await names.ResolveAsync(path, OperationCode.ReadDir, cancellation);
        List<NfsDirectoryEntry> entries = [];
        ReadDir.Cursor? cursor = default(ReadDir.Cursor);
        while (cursor is { } from)
        {
            CompoundCall call = await HandleRequest.RunAsync(
                session, handle, OperationCode.ReadDir, (ref XdrWriter writer) => ReadDir.Encode(ref writer, from), cancellation);
            call.ThrowIfFailed(OperationCode.ReadDir, path);
            cursor = DecodePage(call, entries);
            if (entries.Count > MaxEntries)
                throw new NfsException(null, "READDIR", path, $"READDIR {path}: more than {MaxEntries} names");
        }
        return entries;
    }

    public async Task CreateAsync(string path, uint mode, CancellationToken cancellation)
    {
        const int NanosecondsPerSecond = 1_000_000_000;
        (byte[] parent, string name) = await names.ResolveParentAsync(path, OperationCode.Create, cancellation);
        // Whole microseconds, which the file system of every server keeps. Random microseconds mark the directory as made by this request.
        long seconds = session.Options.TimeProvider.GetUtcNow().ToUnixTimeSeconds();
        uint nanoseconds = (uint)(RandomBytes.GetUInt64() % (NanosecondsPerSecond / 1000)) * 1000;
        bool isMarked = !_hasNoCreateTime;
        CompoundCall call = await SendAsync(isMarked);
        if (isMarked && call.Status is NfsStatus.AttrNotSupp or NfsStatus.Inval or NfsStatus.Perm)
        {
            _hasNoCreateTime = true;
            isMarked = false;
            call = await SendAsync(isMarked);
        }
        if (call.Status == NfsStatus.Exist && call.MayHaveRunBefore && isMarked
            && await attributes.TryGetAsync(path, cancellation) is { Type: NfsFileType.Directory } there
            && there.Modified == DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100))
            return;
        call.ThrowIfFailed(OperationCode.Create, path);

        Task<CompoundCall> SendAsync(bool withTime) => HandleRequest.RunAsync(
            session,
            parent,
            OperationCode.Create,
            (ref XdrWriter writer) =>
            {
                if (withTime)
                    Create.EncodeDirectory(ref writer, name, mode, seconds, nanoseconds);
                else
                    Create.EncodeDirectory(ref writer, name, mode);
            },
            cancellation);
    }

    /// <summary>Removes a file or an empty directory.</summary>
    public async Task RemoveAsync(string path, CancellationToken cancellation)
    {
        CompoundCall call = (await names.RunInParentAsync(path, OperationCode.Remove, Remove.Encode, cancellation)).Call;
        // The name existed or did not exist when the first request arrived. The name does not exist now, as the caller wanted.
        if (call.Status == NfsStatus.NoEnt && call.MayHaveRunBefore)
            return;
        call.ThrowIfFailed(OperationCode.Remove, path);
    }

    /// <summary>Renames a file or directory, and replaces the file or empty directory at <paramref name="to"/>.</summary>
    public async Task RenameAsync(string from, string to, CancellationToken cancellation)
    {
        (byte[] source, byte[] moved) = await ResolveBothAsync(from, cancellation);
        string[] old = ServerPath.Split(from), target = ServerPath.Split(to);
        bool stays = target.Length > 0 && target.AsSpan(0, target.Length - 1).SequenceEqual(old.AsSpan()[..^1]);
        (byte[] directory, string newName) = stays
            ? (source, target[^1])
            : await names.ResolveParentAsync(to, OperationCode.Rename, cancellation);
        CompoundCall call = await HandleRequest.RunAsync(
            session,
            source,
            OperationCode.Rename,
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodeSave(ref writer);
                FileHandle.EncodePut(ref writer, directory);
                Rename.Encode(ref writer, old[^1], newName);
            },
            cancellation);
        if (call.Status == NfsStatus.NoEnt && call.MayHaveRunBefore && await IsAtAsync(to, moved, cancellation))
            return;
        call.ThrowIfFailed(OperationCode.Rename, from);
    }

    /// <summary>The handles of the path's directory and of the object at the path.</summary>
    private async Task<(byte[] Directory, byte[] Object)> ResolveBothAsync(string path, CancellationToken cancellation)
    {
        NameCall walked = await names.RunInParentAsync(
            path,
            OperationCode.Rename,
            (ref XdrWriter writer, string name) =>
            {
                FileHandle.EncodeGet(ref writer);
                Lookup.Encode(ref writer, name);
                FileHandle.EncodeGet(ref writer);
            },
            cancellation);
        walked.Call.ThrowIfFailed(OperationCode.Rename, path);
        XdrReader reader = walked.Results();
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        byte[] directory = FileHandle.DecodeGet(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.Lookup);
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        return (directory, FileHandle.DecodeGet(ref reader));
    }

    /// <summary>Tells whether the path names the file of this handle.</summary>
    private async Task<bool> IsAtAsync(string path, byte[] handle, CancellationToken cancellation)
    {
        try
        {
            byte[] there = await names.ResolveAsync(path, OperationCode.Rename, cancellation);
            if (there.AsSpan().SequenceEqual(handle))
                return true;
            // A handle may contain the directory of its file, and may differ after the move. Then the file's number decides.
            NfsAttributes target = await attributes.GetAsync(there, path, GetAttr.FileAttributes, cancellation);
            NfsAttributes source = await attributes.GetAsync(handle, path, GetAttr.FileAttributes, cancellation);
            return target.FileId == source.FileId && target.FileId != 0;
        }
        catch (NfsException error) when (error.Status is NfsStatus.NoEnt or NfsStatus.Stale or NfsStatus.FhExpired)
        {
            return false;
        }
    }

    private static ReadDir.Cursor? DecodePage(CompoundCall call, List<NfsDirectoryEntry> entries)
    {
        XdrReader reader = call.ResultOf(OperationCode.ReadDir);
        return ReadDir.Decode(ref reader, entries);
    }
}
