using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lofizone.Fuse.Tests;

/// <summary>
/// The kernel fails a request that it can't copy to a process that is about to end, unless the buffer's memory is already present.
/// </summary>
public sealed class BufferTests
{
    /// <summary>A page's 64 bits, whose highest bit is set when the page is in memory (Documentation/admin-guide/mm/pagemap.rst).</summary>
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

    /// <summary>Address of the buffer, which the pool pins.</summary>
    private static unsafe long Address(byte[] buffer, int at) => (long)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer)) + at;
}
