using System.Numerics;

namespace Lofizone.Nfs.Session;

/// <summary>Buffers for data that is kept until COMMIT, in powers of two from 4 KiB to 1 MiB; kept for reuse up to a bound, so that writing allocates nothing.</summary>
internal sealed class WriteBuffers
{
    private const int SmallestShift = 12;
    private const int LargestShift = 20;
    private const long RetainedBytes = UncommittedData.LimitBytes;

    private readonly Stack<byte[]>[] _classes = [.. Enumerable.Range(SmallestShift, LargestShift - SmallestShift + 1).Select(_ => new Stack<byte[]>())];
    private readonly Lock _gate = new();
    private long _retained;

    /// <summary>A buffer of at least <paramref name="length"/> bytes, 1 MiB at most; its content is undefined.</summary>
    public byte[] Rent(int length)
    {
        int shift = Shift(length);
        lock (_gate)
        {
            if (_classes[shift - SmallestShift].TryPop(out byte[]? buffer))
            {
                _retained -= buffer.Length;
                return buffer;
            }
        }
        return GC.AllocateUninitializedArray<byte>(1 << shift);
    }

    public void Return(byte[] buffer)
    {
        lock (_gate)
        {
            if (_retained + buffer.Length > RetainedBytes)
                return;
            _retained += buffer.Length;
            _classes[Shift(buffer.Length) - SmallestShift].Push(buffer);
        }
    }

    private static int Shift(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << LargestShift);
        return Math.Max(SmallestShift, BitOperations.Log2((uint)Math.Max(length, 1) * 2 - 1));
    }
}
