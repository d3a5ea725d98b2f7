using Lofizone.Observation;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// Gathers what the client takes of a reply, without the data of READs, and shows it to a tap at the record's end. Of a reply that nobody
/// takes only the transaction ID is shown: nobody knows what in it is data.
/// </summary>
internal sealed class ReplyCapture(IMessageTap tap, string route)
{
    /// <summary>Bytes kept of one reply: more than any but long directories have.</summary>
    private const int LimitBytes = 16 << 10;

    private const int XidBytes = 4;

    private byte[] _bytes = [];
    private int _length;
    private int _totalBytes;
    private bool _dataLeftOut;

    /// <summary>The current record is being gathered.</summary>
    public bool IsOpen { get; private set; }

    public void Begin(ReadOnlySpan<byte> head, int totalBytes)
    {
        if (!tap.IsOn)
            return;
        if (_bytes.Length == 0)
            _bytes = new byte[LimitBytes];
        IsOpen = true;
        _dataLeftOut = false;
        _totalBytes = totalBytes;
        _length = 0;
        head[..Math.Min(XidBytes, head.Length)].CopyTo(_bytes);
    }

    public void Add(ReadOnlySpan<byte> taken)
    {
        if (!IsOpen)
            return;
        taken = taken[..Math.Min(taken.Length, LimitBytes - _length)];
        taken.CopyTo(_bytes.AsSpan(_length));
        _length += taken.Length;
    }

    public void LeaveDataOut() => _dataLeftOut = true;

    public void End()
    {
        if (!IsOpen)
            return;
        IsOpen = false;
        tap.Take(new TappedMessage
        {
            Kind = MessageKind.Reply,
            Bytes = _bytes.AsSpan(0, _length > 0 ? _length : Math.Min(XidBytes, _totalBytes)),
            TotalBytes = _totalBytes,
            Route = route,
            DataLeftOut = _dataLeftOut,
        });
    }
}
