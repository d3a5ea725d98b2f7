using System.Numerics;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;
using Lofizone.Observation;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// A COMPOUND of several READs and WRITEs behind SEQUENCE and PUTFH. The server executes the operations in order and stops at the first
/// that fails (RFC 8881 section 16.2.3). The data of a WRITE is copied behind the WRITE's head, so that a retry sends the same bytes.
/// </summary>
internal sealed partial class CompoundCall
{
    /// <summary>Limit for the size of a READ's or WRITE's head in the request, bytes.</summary>
    public const int PartHeadBytes = 64;

    /// <summary>
    /// Size of the operation, state ID, offset and count of a READ. A WRITE also has its stability (RFC 8881 sections 18.22.1 and 18.32.1).
    /// </summary>
    private const int ReadArgumentsBytes = 4 + 16 + 8 + 4;

    private const int WriteArgumentsBytes = ReadArgumentsBytes + 4;

    /// <summary>Number of results before those of the parts: SEQUENCE and PUTFH.</summary>
    private const int ResultsBeforeParts = 2;

    private readonly List<BlockIo> _parts = [];
    private int _partsAt;

    /// <summary>The READs and WRITEs of this COMPOUND, in order.</summary>
    public IReadOnlyList<BlockIo> Parts => _parts;

    /// <summary>Number of <see cref="Parts"/> that the server has executed and answered, from the first on.</summary>
    public int PartsDone { get; private set; }

    /// <summary>
    /// True when the part behind those that are done has failed with <see cref="Status"/>. False when the server reached no further part.
    /// </summary>
    public bool PartFailed { get; private set; }

    /// <summary>Bytes of data that the parts move.</summary>
    private int PartBytes { get; set; }

    /// <summary>Makes room for a request of that many bytes. Called before the encoding begins.</summary>
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

    /// <summary>Shows the request to the tap before it is sent, without the data of any WRITE.</summary>
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

    /// <summary>Forgets results that do not count, because session or state were replaced or the request is sent again.</summary>
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

    /// <summary>Takes the result of one part; false when the operation failed.</summary>
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

    /// <summary>Takes number and status of one result. False when the operation failed; only the last one may have failed.</summary>
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
