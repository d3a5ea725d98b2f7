using Lofizone.Observation;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// Gathers the bytes of a reply that the client takes, without the data of READs, and shows them to a tap at the record's end. A reply that
/// the client does not take is shown by its transaction ID only, because its structure is not known.
/// </summary>
internal sealed class ReplyCapture(IMessageTap tap, string route)
{
    /// <summary>Limit for the kept part of one reply, bytes. Only long directories have more.</summary>
    private const int LimitBytes = 16 << 10;

    private const int XidBytes = 4;

    private byte[] _bytes = [];
    private int _length;
    private int _totalBytes;
    private bool _dataLeftOut;

    /// <summary>True while the current record is gathered.</summary>
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
