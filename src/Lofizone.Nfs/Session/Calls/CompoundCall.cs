using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// One COMPOUND (RFC 8881 section 16.2) from its encoding to its decoded result; pooled, awaited through <see cref="Completion"/>. The
/// encoded bytes stay until the reply has arrived, so that a retry sends the same bytes. A call completes when its reply has arrived and
/// the sender has let go of the bytes.
/// </summary>
internal sealed partial class CompoundCall : IRpcMessage, IValueTaskSource<NfsStatus>
{
    /// <summary>Room for the request without the data of a WRITE, bytes.</summary>
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

    /// <summary>Data of a WRITE, sent behind the request. The data must not change until the call completes.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }

    /// <summary>Memory that a READ fills. The READ is the operation behind SEQUENCE and PUTFH.</summary>
    public Memory<byte> Destination { get; set; }

    /// <summary>Result of a READ.</summary>
    public int ReadCount { get; private set; }

    public bool EndOfFile { get; private set; }

    public uint Xid { get; private set; }

    /// <summary>The operation that the COMPOUND is for, for statistics.</summary>
    public OperationCode Operation { get; private set; }

    /// <summary>Time stamp of when the call got its slot, which is when the call was first sent.</summary>
    public long BoundAt { get; set; }

    /// <summary>Data that the call has carried in either direction, bytes.</summary>
    public int DataBytes => Payload.Length + (Destination.IsEmpty ? 0 : ReadCount);

    /// <summary>Incarnation of session and state that the request was encoded for, see <see cref="State.SessionState.Epoch"/>.</summary>
    public long Epoch { get; set; }

    /// <summary>
    /// The recovery itself sends this call. When the session is lost, the recovery starts anew, and the call does not complete with
    /// BADSESSION.
    /// </summary>
    public bool IsInternal { get; set; }

    /// <summary>
    /// The file that the I/O belongs to. The call is not sent any more when the file is fenced. Null for requests that concern no open
    /// file.
    /// </summary>
    public ICallOwner? Owner { get; set; }

    /// <summary>
    /// The route that the call was sent over last; null while the call waits for a connection. Guarded by the session's gate.
    /// </summary>
    public ICallRoute? Route { get; set; }

    /// <summary>Approximate load that the request and its answer put on a connection, bytes.</summary>
    public int WeightBytes => MessageWeightBytes + Payload.Length + Destination.Length + PartBytes;

    /// <summary>
    /// The call renews the lease. Such a call may take the slot that is kept free for renewals, and waits behind no other call. A renewal
    /// does not start the watch of its connection, which would wake an idle process once more.
    /// </summary>
    public bool IsRenewal { get; init; }

    /// <summary>The server may have executed an earlier sending of the same request, whose answer was lost with the session.</summary>
    public bool MayHaveRunBefore { get; set; }

    /// <summary>No caller waits for the call any more. The call is not sent, unless it is sent already.</summary>
    public bool IsAbandoned { get; set; }

    public bool HasSequence => _sequenceAt >= 0;

    /// <summary>The call has had a slot, so the server may have seen the call.</summary>
    public bool WasBound => Xid != 0;

    /// <summary>True when a reply has been taken; only for the thread that receives.</summary>
    public bool IsReplied { get; private set; }

    /// <summary>Reason why the server's RPC layer did not execute the call, see <see cref="RpcMessage.DecodeReplyHead"/>.</summary>
    public RpcRefusal? Refusal { get; private set; }

    /// <summary>Number of operations with a result in the reply. If an operation failed, its result is the last.</summary>
    public int ResultCount { get; private set; }

    public NfsStatus Status => _status;

    /// <summary>Size of request, data and padding, with the record mark, bytes.</summary>
    public int TotalBytes => _requestLength + Payload.Length + XdrReader.Padding(Payload.Length);

    /// <summary>The overall status. Continuations run on the thread that receives unless <see cref="Begin"/> was told otherwise.</summary>
    public ValueTask<NfsStatus> Completion => new(this, _source.Version);

    /// <summary>Starts the encoding: all bytes up to the end of SEQUENCE.</summary>
    /// <param name="prefix">The call's head, from <see cref="RpcMessage.BuildPrefix"/>.</param>
    /// <param name="minorVersion">Minor version of NFSv4: 1 or 2.</param>
    /// <param name="cache">Null for a request outside of a session; otherwise tells the server whether to keep the reply.</param>
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

    /// <summary>Makes this a NULL call, which no caller awaits.</summary>
    /// <param name="call">The message, from <see cref="RpcMessage.BuildNullCall"/>.</param>
    public void BeginNull(ReadOnlySpan<byte> call)
    {
        _nobodyWaits = true;
        call.CopyTo(_request);
        _requestLength = call.Length;
    }

    /// <summary>Takes the answer to a NULL call. Any answer proves that the server is alive.</summary>
    public void TakeNullReply(RecordReceiver record)
    {
        record.Skip(record.Remaining);
        record.End();
        IsReplied = true;
    }

    /// <summary>Ends the encoding. <see cref="Payload"/> must be set.</summary>
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

    /// <summary>Prepares the next sending. Must precede every sending, the first and each repetition.</summary>
    public void PrepareSend()
    {
        // A taken reply whose SEQUENCE broke the protocol is no answer: the call still waits for its answer.
        IsReplied = false;
        ForgetPutOff();
        ForgetResults();
        _failure = null;
        _waitsFor = 2;
    }

    /// <summary>The rest of request, data and padding behind <paramref name="sent"/> bytes.</summary>
    public void Unsent(int sent, out ReadOnlySpan<byte> header, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> padding)
    {
        header = _request.AsSpan(Math.Min(sent, _requestLength), Math.Max(0, _requestLength - sent));
        sent = Math.Max(0, sent - _requestLength);
        payload = Payload.Span[Math.Min(sent, Payload.Length)..];
        sent = Math.Max(0, sent - Payload.Length);
        padding = _zeros.AsSpan(0, XdrReader.Padding(Payload.Length) - sent);
    }

    /// <summary>
    /// Takes the reply behind the transaction ID from the receiver, and returns the result of SEQUENCE when there is one.
    /// </summary>
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

    /// <summary>Results behind SEQUENCE, for the decoders of the operations. Valid until the call is used again.</summary>
    public XdrReader Results => new(_reply.AsSpan(0, _replyLength));

    /// <summary>Steps to the next operation's result, and returns that operation's status.</summary>
    public static NfsStatus NextStatus(ref XdrReader reader, OperationCode expected)
    {
        uint code = reader.ReadUInt32();
        return code == (uint)expected
            ? (NfsStatus)reader.ReadUInt32()
            : throw new XdrException($"result of operation {code} where {expected} was due");
    }

    /// <summary>Steps over the head of a result that must be a success.</summary>
    public static void Expect(ref XdrReader reader, OperationCode expected)
    {
        if (NextStatus(ref reader, expected) is not NfsStatus.Ok and var status)
            throw new XdrException($"{expected} says {status} in a COMPOUND that went well");
    }

    public void OnSent() => LetGo();

    /// <summary>Wakes the waiter, now or when the sender lets go. The reply has been taken and the slot is free.</summary>
    public void OnReplied() => LetGo();

    /// <summary>Ends the call without a reply. No sender may know the call any more.</summary>
    public void Complete(NfsStatus status)
    {
        ForgetResults();
        _status = status;
        _source.SetResult(status);
    }

    /// <summary>Ends the call with an exception. No sender may know the call any more.</summary>
    public void Fail(Exception failure)
    {
        IsReplied = true;
        _source.SetException(failure);
    }

    /// <summary>Keeps the failure of a reply that makes no sense, until the sender has let go.</summary>
    public void SetFailure(Exception failure) => _failure = failure;

    NfsStatus IValueTaskSource<NfsStatus>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<NfsStatus>.GetStatus(short token) => _source.GetStatus(token);

    /// <summary>
    /// Continuations of the hot path run on the receiving thread, whatever the caller's context. All other continuations run in the
    /// caller's context.
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
