using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Packing;

/// <summary>
/// A queue of requests. A request that must be sent again returns to the front. The ring allocates only while it grows. Not thread-safe.
/// </summary>
internal sealed class RequestQueue
{
    private BlockIo?[] _ring = new BlockIo?[64];
    private int _head;

    public int Count { get; private set; }

    public BlockIo? First => Count == 0 ? null : _ring[_head];

    public void AddLast(BlockIo io)
    {
        Grow();
        _ring[(_head + Count++) & (_ring.Length - 1)] = io;
    }

    public void AddFirst(BlockIo io)
    {
        Grow();
        _head = (_head - 1) & (_ring.Length - 1);
        _ring[_head] = io;
        Count++;
    }

    public BlockIo RemoveFirst()
    {
        BlockIo io = _ring[_head]!;
        _ring[_head] = null;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        return io;
    }

    private void Grow()
    {
        if (Count < _ring.Length)
            return;
        BlockIo?[] larger = new BlockIo?[2 * _ring.Length];
        for (int i = 0; i < Count; i++)
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        (_ring, _head) = (larger, 0);
    }
}
