using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// One COMPOUND (RFC 8881 section 16.2) from its encoding to its decoded result; pooled, awaited through <see cref="Completion"/>.
/// The encoded bytes stay until the reply is here, so that a retry sends the very same ones.
/// Completes when both the reply has arrived and the sender has let go of the bytes.
/// </summary>
internal sealed partial class CompoundCall : IRpcMessage, IValueTaskSource<NfsStatus>
{
    /// <summary>Request bytes without a WRITE's data.</summary>
    public const int RequestBytes = 8 * 1024;

    private const int HotReplyBytes = 512;
    private const int MessageWeightBytes = 1024;
    private const int MaxTagBytes = 64;
    private static readonly byte[] _zeros = new byte[4];

    private byte[] _request = new byte[RequestBytes];
    private ManualResetValueTaskSourceCore<NfsStatus> _source;
    private byte[] _reply = new byte[HotReplyBytes];
    private int _replyLength;
    private int _requestLength;
    private int _operationsAt;
    private int _sequenceAt = -1;
    private int _waitsFor;
    private bool _inline;
    private NfsStatus _status;
    private Exception? _failure;
    private bool _nobodyWaits;

    /// <summary>Data of a WRITE, sent behind the request; must stay as it is until the call completes.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }

    /// <summary>Where the data of a READ goes; the READ is the operation behind SEQUENCE and PUTFH.</summary>
    public Memory<byte> Destination { get; set; }

    /// <summary>Result of a READ.</summary>
    public int ReadCount { get; private set; }

    public bool EndOfFile { get; private set; }

    public uint Xid { get; private set; }

    /// <summary>What the COMPOUND is for, to count it by.</summary>
    public OperationCode Operation { get; private set; }

    /// <summary>Time stamp of when it got its slot, which is when it was first sent.</summary>
    public long BoundAt { get; set; }

    /// <summary>Data carried in either direction, bytes.</summary>
    public int DataBytes => Payload.Length + (Destination.IsEmpty ? 0 : ReadCount);

    /// <summary>Which incarnation of session and state the request was encoded for.</summary>
    public long Epoch { get; set; }

    /// <summary>
    /// Sent by the recovery itself: not completed with BADSESSION when the session is lost, but started anew with all of it.
    /// </summary>
    public bool IsInternal { get; set; }

    /// <summary>Whose I/O this is; not sent any more when that is fenced. Null for requests that concern no open file.</summary>
    public ICallOwner? Owner { get; set; }

    /// <summary>Where it was sent last; null while it waits for a connection. Guarded by the session's gate.</summary>
    public ICallRoute? Route { get; set; }

    /// <summary>What the request and its answer put on a connection, about.</summary>
    public int WeightBytes => MessageWeightBytes + Payload.Length + Destination.Length + PartBytes;

    /// <summary>
    /// Renews the lease: may take the slot that is kept free for it, and waits behind nothing. No reason to watch the connection, which
    /// would wake an idle process once more.
    /// </summary>
    public bool IsRenewal { get; init; }

    /// <summary>An earlier sending of the same request may have been executed, its answer being lost with its session.</summary>
    public bool MayHaveRunBefore { get; set; }

    /// <summary>Nobody waits any more; not sent if it has not been.</summary>
    public bool IsAbandoned { get; set; }

    public bool HasSequence => _sequenceAt >= 0;

    /// <summary>It has had a slot, so the server may have seen it.</summary>
    public bool WasBound => Xid != 0;

    /// <summary>True when a reply has been taken; only for the thread that receives.</summary>
    public bool IsReplied { get; private set; }

    /// <summary>Reason why the call was not executed, see <see cref="RpcMessage.DecodeReplyHead"/>.</summary>
    public RpcRefusal? Refusal { get; private set; }

    /// <summary>Operations with a result in the reply; the last one is the one that failed, if one failed.</summary>
    public int ResultCount { get; private set; }

    public NfsStatus Status => _status;

    /// <summary>Request and data and padding, record mark included.</summary>
    public int TotalBytes => _requestLength + Payload.Length + XdrReader.Padding(Payload.Length);

    /// <summary>The overall status; continuations run on the thread that receives unless the call was prepared otherwise.</summary>
    public ValueTask<NfsStatus> Completion => new(this, _source.Version);

    /// <summary>Starts the encoding: everything up to and with SEQUENCE.</summary>
    /// <param name="prefix">From <see cref="RpcMessage.BuildPrefix"/>.</param>
    /// <param name="minorVersion">1 or 2.</param>
    /// <param name="cache">Null for a request outside of a session; otherwise whether the server is to keep the reply.</param>
    /// <param name="inline">Continuations may run on the receiving thread.</param>
    public XdrWriter Begin(ReadOnlySpan<byte> prefix, int minorVersion, bool? cache, bool inline)
    {
        _source.Reset();
        _source.RunContinuationsAsynchronously = !inline;
        _inline = inline;
        Payload = default;
        Destination = default;
        ClearParts();
        Owner = null;
        Route = null;
        IsReplied = false;
        Refusal = null;
        ReadCount = 0;
        _failure = null;
        _sequenceAt = -1;
        XdrWriter writer = new(_request);
        writer.WriteFixed(prefix);
        writer.WriteUInt32(0);
        writer.WriteUInt32((uint)minorVersion);
        _operationsAt = writer.Position;
        writer.WriteUInt32(0);
        if (cache is { } keep)
            _sequenceAt = Sequence.Encode(ref writer, keep);
        return writer;
    }

    /// <summary>Makes this a NULL call; nobody awaits it.</summary>
    /// <param name="call">From <see cref="RpcMessage.BuildNullCall"/>.</param>
    public void BeginNull(ReadOnlySpan<byte> call)
    {
        _nobodyWaits = true;
        call.CopyTo(_request);
        _requestLength = call.Length;
    }

    /// <summary>Takes the answer to a NULL call: whatever it says, somebody is there.</summary>
    public void TakeNullReply(RecordReceiver record)
    {
        record.Skip(record.Remaining);
        record.End();
        IsReplied = true;
    }

    /// <summary>Ends the encoding; <see cref="Payload"/> is set already.</summary>
    public void End(in XdrWriter writer)
    {
        _requestLength = writer.Position;
        Operation = writer.Purpose;
        BinaryPrimitives.WriteUInt32BigEndian(_request.AsSpan(_operationsAt), (uint)writer.Operations);
        BinaryPrimitives.WriteUInt32BigEndian(_request, RpcMessage.LastFragment | (uint)(TotalBytes - RpcMessage.RecordMarkBytes));
    }

    /// <summary>Gives the call its transaction ID and, within a session, its slot.</summary>
    public void Bind(uint xid, SessionId session, uint sequenceId, uint slot, uint highestSlot)
    {
        Xid = xid;
        TimesPutOff = 0;
        RpcMessage.SetXid(_request, xid);
        if (_sequenceAt >= 0)
            Sequence.Fill(_request.AsSpan(_sequenceAt), session, sequenceId, slot, highestSlot);
        PrepareSend();
    }

    /// <summary>Must precede every sending, the first and each repeated one.</summary>
    public void PrepareSend()
    {
        // A reply that was taken but broke the protocol in its SEQUENCE is no answer: the call is still waiting for one.
        IsReplied = false;
        ForgetPutOff();
        ForgetResults();
        _failure = null;
        _waitsFor = 2;
    }

    /// <summary>What is left of request, data and padding behind <paramref name="sent"/> bytes.</summary>
    public void Unsent(int sent, out ReadOnlySpan<byte> header, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> padding)
    {
        header = _request.AsSpan(Math.Min(sent, _requestLength), Math.Max(0, _requestLength - sent));
        sent = Math.Max(0, sent - _requestLength);
        payload = Payload.Span[Math.Min(sent, Payload.Length)..];
        sent = Math.Max(0, sent - Payload.Length);
        padding = _zeros.AsSpan(0, XdrReader.Padding(Payload.Length) - sent);
    }

    /// <summary>Takes the reply behind the transaction ID from the receiver; returns the result of SEQUENCE when there is one.</summary>
    /// <exception cref="XdrException">The reply is malformed.</exception>
    public (NfsStatus Status, Sequence.Result Result)? TakeReply(RecordReceiver record, ref XdrReader head)
    {
        Refusal = RpcMessage.DecodeReplyHead(ref head);
        if (Refusal is not null)
        {
            _status = NfsStatus.ServerFault;
            record.End();
            IsReplied = true;
            return null;
        }
        _status = (NfsStatus)head.ReadUInt32();
        head.ReadOpaque(MaxTagBytes);
        ResultCount = head.ReadLength(1024);
        (NfsStatus, Sequence.Result)? sequence = null;
        if (_sequenceAt >= 0 && ResultCount > 0)
        {
            NfsStatus status = NextStatus(ref head, OperationCode.Sequence);
            sequence = (status, status == NfsStatus.Ok ? Sequence.Decode(ref head) : default);
        }
        if (_parts.Count > 0)
            TakeParts(record, head.Position);
        else if (!Destination.IsEmpty && _status == NfsStatus.Ok)
            TakeReadData(record, ref head);
        else
            TakeRest(record, head.Position);
        IsReplied = true;
        return sequence;
    }

    /// <summary>Results behind SEQUENCE, for the decoders of the operations; valid until the call is used again.</summary>
    public XdrReader Results => new(_reply.AsSpan(0, _replyLength));

    /// <summary>Steps to the next operation's result; returns its status.</summary>
    public static NfsStatus NextStatus(ref XdrReader reader, OperationCode expected)
    {
        uint code = reader.ReadUInt32();
        return code == (uint)expected
            ? (NfsStatus)reader.ReadUInt32()
            : throw new XdrException($"result of operation {code} where {expected} was due");
    }

    /// <summary>Steps over a result that must be a success.</summary>
    public static void Expect(ref XdrReader reader, OperationCode expected)
    {
        if (NextStatus(ref reader, expected) is not NfsStatus.Ok and var status)
            throw new XdrException($"{expected} says {status} in a COMPOUND that went well");
    }

    public void OnSent() => LetGo();

    /// <summary>The reply has been taken and the slot is free: wakes the waiter, now or when the sender lets go.</summary>
    public void OnReplied() => LetGo();

    /// <summary>Ends the call without a reply; no sender may know it any more.</summary>
    public void Complete(NfsStatus status)
    {
        ForgetResults();
        _status = status;
        _source.SetResult(status);
    }

    /// <summary>Ends the call with an exception; no sender may know it any more.</summary>
    public void Fail(Exception failure)
    {
        IsReplied = true;
        _source.SetException(failure);
    }

    /// <summary>The reply makes no sense: kept until the sender has let go.</summary>
    public void SetFailure(Exception failure) => _failure = failure;

    NfsStatus IValueTaskSource<NfsStatus>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<NfsStatus>.GetStatus(short token) => _source.GetStatus(token);

    /// <summary>
    /// The hot path goes on where the reply was received, whatever context its caller has; everything else goes back to its caller's.
    /// </summary>
    void IValueTaskSource<NfsStatus>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        const ValueTaskSourceOnCompletedFlags Context = ValueTaskSourceOnCompletedFlags.UseSchedulingContext;
        _source.OnCompleted(continuation, state, token, _inline ? flags & ~Context : flags | Context);
    }

    private void LetGo()
    {
        if (_nobodyWaits)
            return;
        if (Interlocked.Decrement(ref _waitsFor) != 0)
            return;
        if (_putOff is { } putOff)
            putOff(this);
        else if (_failure is { } failure)
            _source.SetException(failure);
        else
            _source.SetResult(_status);
    }

    private void TakeReadData(RecordReceiver record, ref XdrReader head)
    {
        Expect(ref head, OperationCode.PutFh);
        Expect(ref head, OperationCode.Read);
        (EndOfFile, int count) = Read.DecodeHead(ref head, Destination.Length);
        record.Skip(head.Position);
        record.TakeData(Destination.Span[..count]);
        record.End();
        ReadCount = count;
        _replyLength = 0;
    }

    private void TakeRest(RecordReceiver record, int position)
    {
        record.Skip(position);
        _replyLength = record.Remaining;
        if (_reply.Length < _replyLength)
            _reply = new byte[_replyLength];
        record.Take(_reply.AsSpan(0, _replyLength));
        record.End();
    }
}
