using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lofizone.Fuse.Tests;

/// <summary>The kernel fails a request that it can't copy to a process on its way out, unless the buffer has its memory already.</summary>
public sealed class BufferTests
{
    /// <summary>Documentation/admin-guide/mm/pagemap.rst: 64 bits for each page, of which the highest says that it is in memory.</summary>
    private const int EntryBytes = 8;

    private const int PresentBit = 63;

    [Fact]
    public void A_buffer_that_requests_are_read_into_has_all_its_memory()
    {
        using BufferPool pool = new();
        byte[] buffer = pool.Rent(FuseLimits.MaxDataBytes);
        long first = Address(buffer, 0) / Environment.SystemPageSize;
        long last = Address(buffer, buffer.Length - 1) / Environment.SystemPageSize;
        byte[] entries = new byte[(last - first + 1) * EntryBytes];
        using (FileStream map = File.OpenRead("/proc/self/pagemap"))
        {
            map.Position = first * EntryBytes;
            map.ReadExactly(entries);
        }

        for (int i = 0; i < entries.Length; i += EntryBytes)
            Assert.Equal(1UL, BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(i)) >> PresentBit);
        pool.Return(buffer);
    }

    /// <summary>It doesn't move: the pool pins it.</summary>
    private static unsafe long Address(byte[] buffer, int at) => (long)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer)) + at;
}
