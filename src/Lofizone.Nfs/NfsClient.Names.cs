using System.Security.Cryptography;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// Operations that change a directory. Each may be executed once only; when its answer is lost together with its session, the second
/// one meets what the first has done. Then what can be proved decides, and only what is really another's doing is an error.
/// </summary>
public sealed partial class NfsClient
{
    private volatile bool _noCreateTime;

    /// <summary>Makes a directory.</summary>
    /// <exception cref="NfsException">Among others <see cref="NfsStatus.Exist"/>.</exception>
    public async Task CreateDirectoryAsync(string path, uint mode, CancellationToken cancellation = default)
    {
        const int NanosecondsPerSecond = 1_000_000_000;
        (byte[] parent, string name) = await ResolveParentAsync(path, "CREATE", cancellation);
        // Whole microseconds, which every server's file system keeps; a random one marks the directory as made here.
        long seconds = _session.Options.TimeProvider.GetUtcNow().ToUnixTimeSeconds();
        uint nanoseconds = (uint)RandomNumberGenerator.GetInt32(NanosecondsPerSecond / 1000) * 1000;
        bool marked = !_noCreateTime;
        CompoundCall call = await CreateDirectoryAsync(parent, name, mode, marked ? (seconds, nanoseconds) : null, cancellation);
        if (marked && call.Status is NfsStatus.AttrNotSupp or NfsStatus.Inval or NfsStatus.Perm)
        {
            _noCreateTime = true;
            marked = false;
            call = await CreateDirectoryAsync(parent, name, mode, null, cancellation);
        }
        if (call.Status == NfsStatus.Exist && call.MayHaveRunBefore && marked
            && await TryGetAttributesAsync(path, cancellation) is { Type: NfsFileType.Directory } there
            && there.Modified == DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100))
            return;
        ThrowIfFailed(call.Status, "CREATE", path);
    }

    /// <summary>Removes a file or an empty directory.</summary>
    public async Task RemoveAsync(string path, CancellationToken cancellation = default)
    {
        (byte[] parent, string name) = await ResolveParentAsync(path, "REMOVE", cancellation);
        CompoundCall call = await Requests.RunAsync(
            _session,
            "REMOVE",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, parent);
                Remove.Encode(ref writer, name);
            },
            cancellation);
        // It was there or not when it was asked for first; it is not there now, which is what was wanted.
        if (call.Status == NfsStatus.NoEnt && call.MayHaveRunBefore)
            return;
        ThrowIfFailed(call.Status, "REMOVE", path);
    }

    /// <summary>Renames; replaces what stands at <paramref name="to"/>.</summary>
    public async Task RenameAsync(string from, string to, CancellationToken cancellation = default)
    {
        (byte[] source, string oldName) = await ResolveParentAsync(from, "RENAME", cancellation);
        (byte[] target, string newName) = await ResolveParentAsync(to, "RENAME", cancellation);
        byte[] moved = await ResolveAsync(from, "RENAME", cancellation);
        CompoundCall call = await Requests.RunAsync(
            _session,
            "RENAME",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, source);
                FileHandle.EncodeSave(ref writer);
                FileHandle.EncodePut(ref writer, target);
                Rename.Encode(ref writer, oldName, newName);
            },
            cancellation);
        if (call.Status == NfsStatus.NoEnt && call.MayHaveRunBefore && await IsAtAsync(to, moved, cancellation))
            return;
        ThrowIfFailed(call.Status, "RENAME", from);
    }

    /// <summary>The file of this handle stands at the path.</summary>
    private async Task<bool> IsAtAsync(string path, byte[] handle, CancellationToken cancellation)
    {
        try
        {
            byte[] there = await ResolveAsync(path, "RENAME", cancellation);
            if (there.AsSpan().SequenceEqual(handle))
                return true;
            // A handle may hold its directory, and be another one after the move: the file's number decides.
            NfsAttributes target = await GetAttributesAsync(there, path, GetAttr.FileAttributes, cancellation);
            NfsAttributes source = await GetAttributesAsync(handle, path, GetAttr.FileAttributes, cancellation);
            return target.FileId == source.FileId && target.FileId != 0;
        }
        catch (NfsException error) when (error.Status is NfsStatus.NoEnt or NfsStatus.Stale or NfsStatus.FhExpired)
        {
            return false;
        }
    }

    private Task<CompoundCall> CreateDirectoryAsync(byte[] parent, string name, uint mode, (long Seconds, uint Nanoseconds)? time, CancellationToken cancellation) =>
        Requests.RunAsync(
            _session,
            "CREATE",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, parent);
                if (time is { } mark)
                    Create.EncodeDirectory(ref writer, name, mode, mark.Seconds, mark.Nanoseconds);
                else
                    Create.EncodeDirectory(ref writer, name, mode);
            },
            cancellation);
}
