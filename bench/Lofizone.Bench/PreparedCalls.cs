using System.Buffers.Binary;
using System.Diagnostics;

namespace Lofizone.Bench;

/// <summary>
/// The server alone: replays pre-encoded COMPOUNDs of SEQUENCE, PUTFH and one READ or WRITE with a fixed number in flight on one
/// connection. Per call it patches a sequence ID and an offset, nothing else, so that what it finds is the server.
/// </summary>
internal sealed class PreparedCalls : IDisposable
{
    private const uint UnstableWrite = 0;
    private const int OperationBytes = 4;
    private const int StateBytes = 16;

    private readonly RawSession _session;
    private readonly FioRow _row;
    private readonly long _blocks;
    private readonly PreparedCall[] _calls;
    private readonly int _offsetAt;
    private readonly Random _random = new(1);
    private long _next;

    public PreparedCalls(RawSession session, FioRow row, long fileBytes)
    {
        (_session, _row, _blocks) = (session, row, fileBytes / row.Bytes);
        int putBytes = OperationBytes + 4 + (session.Handle.Length + 3) / 4 * 4;
        _offsetAt = putBytes + OperationBytes + StateBytes;
        _calls = [.. Enumerable.Range(0, row.Depth).Select(Prepare)];
    }

    /// <summary>Calls answered per second, or 10^6 bytes per second for a row in MB/s.</summary>
    public double Measure(TimeSpan warmUp, TimeSpan time)
    {
        foreach (PreparedCall call in _calls)
            Send(call);
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < warmUp)
            Turn();
        long answered = 0;
        start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            Turn();
            answered++;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int left = 0; left < _calls.Length; left++)
            _session.Receive(out _);
        return _row.InUnit(answered, seconds);
    }

    public void Dispose() => _session.Dispose();

    private void Turn() => Send(_calls[_session.Receive(out _)]);

    private void Send(PreparedCall call)
    {
        long block = _row.IsRandom ? _random.NextInt64(_blocks) : _next++ % _blocks;
        BinaryPrimitives.WriteInt64BigEndian(call.Bytes.AsSpan(call.BodyAt + _offsetAt), block * _row.Bytes);
        _session.Send(call);
    }

    private PreparedCall Prepare(int slot)
    {
        XdrBytes body = new XdrBytes().UInt32(22).Opaque(_session.Handle);
        if (_row.Writes)
        {
            byte[] data = new byte[_row.Bytes];
            new Random(slot).NextBytes(data);
            body.UInt32(38).Fixed(_session.State).UInt64(0).UInt32(UnstableWrite).Opaque(data);
        }
        else
        {
            body.UInt32(25).Fixed(_session.State).UInt64(0).UInt32((uint)_row.Bytes);
        }

        return _session.Prepare(slot, 2, body);
    }
}
