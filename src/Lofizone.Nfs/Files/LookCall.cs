using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>An object to look at.</summary>
/// <param name="Names">The way to it from the pseudo root.</param>
/// <param name="Bytes">Most that is read of it; 0 for its attributes alone.</param>
internal readonly record struct Wanted(string[] Names, int Bytes);

/// <summary>
/// One COMPOUND that looks at objects: LOOKUPs to their common directory, then LOOKUPs, GETATTR and READ for each. The READ has the
/// anonymous state ID (RFC 8881 section 8.2.3), so that no file is opened: it sees the file as the file is then.
/// </summary>
/// <param name="wanted">The objects, at least one.</param>
/// <param name="common">Number of leading names that the directories of all objects share.</param>
/// <param name="start">Handle of the common directory; null to walk there from the pseudo root.</param>
internal sealed class LookCall(Wanted[] wanted, int common, byte[]? start = null)
{
    /// <summary>SEQUENCE, PUTROOTFH or PUTFH, SAVEFH.</summary>
    public const int FixedOperations = 3;

    /// <summary>RESTOREFH, GETATTR and READ, besides the LOOKUPs.</summary>
    public const int OperationsEach = 3;

    public void Encode(ref XdrWriter writer)
    {
        if (start is null)
            FileHandle.EncodePutRoot(ref writer);
        else
            FileHandle.EncodePut(ref writer, start);
        foreach (string name in CommonNames)
            Lookup.Encode(ref writer, name);
        if (wanted.Length > 1)
            FileHandle.EncodeSave(ref writer);
        for (int i = 0; i < wanted.Length; i++)
        {
            if (i > 0)
                FileHandle.EncodeRestore(ref writer);
            foreach (string name in wanted[i].Names.AsSpan(common))
                Lookup.Encode(ref writer, name);
            GetAttr.Encode(ref writer, GetAttr.FileAttributes);
            if (wanted[i].Bytes > 0)
                Read.Encode(ref writer, StateId.Anonymous, 0, wanted[i].Bytes);
        }
    }

    /// <summary>Takes the objects that the server has reached, from the first on, and returns their number, at least one.</summary>
    public int Take(CompoundCall call, Span<NfsSmallFile> found)
    {
        XdrReader reader = call.Results;
        NfsException? failure = Step(call, ref reader, start is null ? OperationCode.PutRootFh : OperationCode.PutFh, 0);
        failure ??= TakeLookups(call, ref reader, 0, CommonNames, start is null ? 0 : common);
        if (wanted.Length > 1)
            failure ??= Step(call, ref reader, OperationCode.SaveFh, 0);
        if (failure is not null)
        {
            found.Fill(new NfsSmallFile(null, Failure: failure));
            return found.Length;
        }

        int taken = 0;
        do
            found[taken] = TakeObject(call, ref reader, taken);
        while (++taken < wanted.Length && reader.Remaining > 0);
        return taken;
    }

    private ReadOnlySpan<string> CommonNames => start is null ? wanted[0].Names.AsSpan(0, common) : [];

    private NfsSmallFile TakeObject(CompoundCall call, ref XdrReader reader, int at)
    {
        NfsException? failure = at > 0 ? Step(call, ref reader, OperationCode.RestoreFh, at) : null;
        failure ??= TakeLookups(call, ref reader, at, wanted[at].Names.AsSpan(common), common);
        failure ??= Step(call, ref reader, OperationCode.GetAttr, at);
        if (failure is not null)
            return new NfsSmallFile(null, Failure: failure);
        NfsAttributes attributes = GetAttr.Decode(ref reader);
        if (wanted[at].Bytes == 0)
            return new NfsSmallFile(attributes);
        failure = Step(call, ref reader, OperationCode.Read, at);
        // The name led to a file that is gone: the next walk finds another one, or none.
        if (failure?.Status is NfsStatus.Stale or NfsStatus.FhExpired)
            return new NfsSmallFile(null, Failure: failure);
        if (failure is not null)
            return new NfsSmallFile(attributes);
        (bool end, byte[] content) = Read.Decode(ref reader, wanted[at].Bytes);
        bool isWhole = attributes.Type == NfsFileType.Regular && (end || content.Length >= attributes.Size);
        return new NfsSmallFile(attributes, isWhole ? content : null);
    }

    private NfsException? TakeLookups(CompoundCall call, ref XdrReader reader, int at, ReadOnlySpan<string> names, int before)
    {
        NfsException? failure = null;
        for (int i = 0; i < names.Length && failure is null; i++)
            failure = Step(call, ref reader, OperationCode.Lookup, at, before + i + 1);
        return failure;
    }

    /// <summary>Steps to the next result; returns the failure when the operation failed, or was not reached.</summary>
    /// <param name="call">The COMPOUND.</param>
    /// <param name="reader">Its results.</param>
    /// <param name="operation">The operation that is due.</param>
    /// <param name="at">The object that the operation is for.</param>
    /// <param name="depth">Number of names up to the one that the operation is for; 0 for the whole path.</param>
    private NfsException? Step(CompoundCall call, ref XdrReader reader, OperationCode operation, int at, int depth = 0)
    {
        bool isOver = reader.Remaining == 0 && call.Status != NfsStatus.Ok;
        NfsStatus status = isOver ? call.Status : CompoundCall.NextStatus(ref reader, operation);
        if (status == NfsStatus.Ok)
            return null;
        // Looking up in a symbolic link fails one component later than the link.
        if (status == NfsStatus.Symlink && depth > 1)
            depth--;
        string[] names = wanted[at].Names;
        string path = "/" + string.Join('/', names.Take(depth == 0 ? names.Length : depth));
        OperationCode named = operation == OperationCode.Read ? operation : OperationCode.GetAttr;
        return NfsException.For(status, NfsNames.Operation((int)named), path);
    }
}
