using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Lofizone.Observation;

namespace Lofizone.Tracing;

/// <summary>Copies of messages, one behind the other, in a piece of memory that is allocated once. Not thread-safe.</summary>
internal sealed class TraceBuffer(int bytes)
{
    public delegate void Visitor(TraceLayers layer, long timestamp, in TappedMessage message);

    private readonly byte[] _bytes = new byte[bytes];
    private int _length;

    /// <summary>Number of messages in the buffer.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a message. False when there is no room.</summary>
    public bool TryAdd(TraceLayers layer, long timestamp, in TappedMessage message)
    {
        int route = Encoding.UTF8.GetByteCount(message.Route);
        Span<byte> free = _bytes.AsSpan(_length);
        int size = Unsafe.SizeOf<Entry>() + route + message.Bytes.Length;
        if (size > free.Length)
            return false;
        MemoryMarshal.Write(
            free, new Entry(layer, timestamp, message.Kind, message.TotalBytes, message.DataLeftOut, route, message.Bytes.Length));
        free = free[Unsafe.SizeOf<Entry>()..];
        Encoding.UTF8.GetBytes(message.Route, free);
        message.Bytes.CopyTo(free[route..]);
        _length += size;
        Count++;
        return true;
    }

    /// <summary>Visits the messages in the order of their arrival.</summary>
    public void ForEach(Visitor visit)
    {
        ReadOnlySpan<byte> left = _bytes.AsSpan(0, _length);
        while (!left.IsEmpty)
        {
            Entry entry = MemoryMarshal.Read<Entry>(left);
            left = left[Unsafe.SizeOf<Entry>()..];
            TappedMessage message = new()
            {
                Kind = entry.Kind,
                Bytes = left.Slice(entry.RouteBytes, entry.MessageBytes),
                TotalBytes = entry.TotalBytes,
                Route = Encoding.UTF8.GetString(left[..entry.RouteBytes]),
                DataLeftOut = entry.DataLeftOut,
            };
            visit(entry.Layer, entry.Timestamp, message);
            left = left[(entry.RouteBytes + entry.MessageBytes)..];
        }
    }

    public void Clear() => (_length, Count) = (0, 0);

    private readonly record struct Entry(
        TraceLayers Layer, long Timestamp, MessageKind Kind, int TotalBytes, bool DataLeftOut, int RouteBytes, int MessageBytes);
}
