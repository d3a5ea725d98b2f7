using System.Numerics;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;
using Lofizone.Observation;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// A COMPOUND of several READs and WRITEs behind SEQUENCE and PUTFH (RFC 8881 section 16.2.3: executed in order, ended by the first
/// that fails). The data of its WRITEs is copied behind their heads, so that a retry sends the very same bytes.
/// </summary>
internal sealed partial class CompoundCall
{
    /// <summary>Bytes of a READ's or WRITE's head in the request, at most.</summary>
    public const int PartHeadBytes = 64;

    /// <summary>
    /// Operation, state ID, offset and count of a READ; a WRITE has its stability besides (RFC 8881 sections 18.22.1 and 18.32.1).
    /// </summary>
    private const int ReadArgumentsBytes = 4 + 16 + 8 + 4;

    private const int WriteArgumentsBytes = ReadArgumentsBytes + 4;

    /// <summary>Results of SEQUENCE and PUTFH.</summary>
    private const int ResultsBeforeParts = 2;

    private readonly List<BlockIo> _parts = [];
    private int _partsAt;

    /// <summary>The READs and WRITEs in it, in their order.</summary>
    public IReadOnlyList<BlockIo> Parts => _parts;

    /// <summary>How many of <see cref="Parts"/> were executed and have their results, from the first on.</summary>
    public int PartsDone { get; private set; }

    /// <summary>The part behind those done is the one that failed, with <see cref="Status"/>; otherwise none was reached.</summary>
    public bool PartFailed { get; private set; }

    /// <summary>What the parts move, bytes.</summary>
    private int PartBytes { get; set; }

    /// <summary>Makes room for a request of that many bytes; before the encoding begins.</summary>
    public void Reserve(int requestBytes)
    {
        if (_request.Length < requestBytes)
            _request = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)requestBytes));
    }

    /// <summary>Encodes one more READ or WRITE.</summary>
    public void Add(BlockIo part, ref XdrWriter writer, StateId stateId, Stability stability)
    {
        if (_parts.Count == 0)
            _partsAt = writer.Position;
        if (part.IsWrite)
        {
            Write.EncodeHead(ref writer, stateId, part.Offset, stability, part.Data.Length);
            writer.WriteFixed(part.Data.Span);
        }
        else
        {
            Read.Encode(ref writer, stateId, part.Offset, part.Destination.Length);
        }
        _parts.Add(part);
        PartBytes += part.Length;
    }

    /// <summary>Shows the request as it is about to be sent, without any WRITE's data.</summary>
    public void Show(IMessageTap tap, string route)
    {
        bool packsData = _parts.Exists(part => part.IsWrite);
        tap.Take(new TappedMessage
        {
            Kind = MessageKind.Call,
            Bytes = packsData ? WithoutData() : _request.AsSpan(RpcMessage.RecordMarkBytes.._requestLength),
            TotalBytes = TotalBytes - RpcMessage.RecordMarkBytes,
            Route = route,
            DataLeftOut = packsData || !Payload.IsEmpty,
        });
    }

    private ReadOnlySpan<byte> WithoutData()
    {
        byte[] shown = new byte[_requestLength];
        int length = _partsAt - RpcMessage.RecordMarkBytes;
        _request.AsSpan(RpcMessage.RecordMarkBytes, length).CopyTo(shown);
        int at = _partsAt;
        foreach (BlockIo part in _parts)
        {
            int head = part.IsWrite ? WriteArgumentsBytes : ReadArgumentsBytes;
            _request.AsSpan(at, head).CopyTo(shown.AsSpan(length));
            length += head;
            at += head + (part.IsWrite ? part.Data.Length + XdrReader.Padding(part.Data.Length) : 0);
        }
        return shown.AsSpan(0, length);
    }

    private void ClearParts()
    {
        _parts.Clear();
        PartBytes = 0;
        ForgetResults();
    }

    /// <summary>Results of an answer that does not count, because session or state were replaced or the request is sent again.</summary>
    private void ForgetResults() => (PartsDone, PartFailed) = (0, false);

    private void TakeParts(RecordReceiver record, int position)
    {
        record.Skip(position);
        ForgetResults();
        int results = ResultCount - ResultsBeforeParts;
        if (results > _parts.Count || (_status == NfsStatus.Ok && results != _parts.Count))
            throw new XdrException($"{ResultCount} results to a COMPOUND of {_parts.Count + ResultsBeforeParts} operations");
        if (results >= 0)
        {
            TakeHead(record, OperationCode.PutFh, isLast: results == 0 && _status != NfsStatus.Ok);
            for (int i = 0; i < results && TakePart(record, _parts[i], isLast: i == results - 1); i++)
                PartsDone++;
            PartFailed = PartsDone < results;
        }
        record.End();
        _replyLength = 0;
    }

    /// <summary>False when the operation failed.</summary>
    private bool TakePart(RecordReceiver record, BlockIo part, bool isLast)
    {
        if (!TakeHead(record, part.IsWrite ? OperationCode.Write : OperationCode.Read, isLast))
            return false;
        Span<byte> buffer = stackalloc byte[16];
        Span<byte> fixedPart = buffer[..(part.IsWrite ? 16 : 8)];
        record.Take(fixedPart);
        XdrReader reader = new(fixedPart);
        if (part.IsWrite)
        {
            part.Written = Write.Decode(ref reader, part.Data.Length);
            return true;
        }
        part.EndOfFile = reader.ReadBool();
        int count = (int)Math.Min(reader.ReadUInt32(), int.MaxValue);
        if (count > part.Destination.Length)
            throw new XdrException($"READ of {count} bytes where {part.Destination.Length} were asked for");
        record.TakeData(part.Destination.Span[..count]);
        part.ReadCount = count;
        return true;
    }

    /// <summary>Number and status of one result; false when that operation failed, which only the last one may.</summary>
    private bool TakeHead(RecordReceiver record, OperationCode expected, bool isLast)
    {
        Span<byte> head = stackalloc byte[8];
        record.Take(head);
        XdrReader reader = new(head);
        NfsStatus status = NextStatus(ref reader, expected);
        if (status == NfsStatus.Ok)
            return true;
        return isLast && status == _status
            ? false
            : throw new XdrException($"{expected} says {status} in the middle of a COMPOUND that ended with {_status}");
    }
}
