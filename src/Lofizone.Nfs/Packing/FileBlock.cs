using System.Runtime.CompilerServices;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Packing;

/// <summary>A READ or WRITE of a file. <see cref="RequestPacker"/> sends the block together with others, or alone.</summary>
internal sealed class FileBlock : BlockIo
{
    private CompoundCall? _call;
    private Action? _answered;
    private ValueTaskAwaiter<NfsStatus> _awaiter;

    /// <summary>
    /// Sends the block in a COMPOUND of its own. No data is copied: a WRITE sends the caller's memory, and a READ receives into the
    /// caller's memory.
    /// </summary>
    public void SendAlone(NfsSession session, IPackedFile file)
    {
        _call ??= new CompoundCall();
        if (IsWrite)
            EncodeWrite(session, _call, file, Offset, Data);
        else
            EncodeRead(session, _call, file);
#pragma warning disable CA2012 // the awaiter is used once, by OnAnswered
        _awaiter = _call.Completion.GetAwaiter();
#pragma warning restore CA2012
        session.Submit(_call);
        if (_awaiter.IsCompleted)
            OnAnswered();
        else
            _awaiter.UnsafeOnCompleted(_answered ??= OnAnswered);
    }

    /// <summary>Encodes a WRITE that sends the data from the caller's memory.</summary>
    public static void EncodeWrite(NfsSession session, CompoundCall call, IPackedFile file, long offset, ReadOnlyMemory<byte> data)
    {
        XdrWriter writer = session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, file.Handle);
        Write.EncodeHead(ref writer, file.StateId, offset, file.Stability, data.Length);
        call.Payload = data;
        call.Owner = file;
        call.End(writer);
    }

    /// <summary>Decodes the result of a COMPOUND that <see cref="EncodeWrite"/> has encoded.</summary>
    public static Write.Result DecodeWrite(CompoundCall call)
    {
        XdrReader reader = call.ResultOf(OperationCode.Write);
        return Write.Decode(ref reader, call.Payload.Length);
    }

    private void EncodeRead(NfsSession session, CompoundCall call, IPackedFile file)
    {
        XdrWriter writer = session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, file.Handle);
        Read.Encode(ref writer, file.StateId, Offset, Destination.Length);
        call.Destination = Destination;
        call.End(writer);
    }

    private void OnAnswered()
    {
        NfsStatus status;
        CompoundCall call = _call!;
        try
        {
            status = _awaiter.GetResult();
            if (status == NfsStatus.Ok && IsWrite)
                Written = DecodeWrite(call);
            (ReadCount, EndOfFile, Epoch) = (call.ReadCount, call.EndOfFile, call.Epoch);
        }
        catch (Exception failure)
        {
            Fail(failure);
            return;
        }
        (call.Payload, call.Destination) = (default, default);
        Complete(status);
    }
}
