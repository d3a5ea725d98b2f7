using System.Buffers;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// Memory behind a descriptor (memfd_create(2)), mapped shared. The content outlives its writer as long as a process holds the descriptor.
/// Pages take memory only once they are written. The mapping ends with the last reference to this object, never earlier.
/// </summary>
public sealed unsafe partial class SharedMemory : MemoryManager<byte>
{
    private const uint CloseOnExec = 1;
    private const int ReadWriteAccess = 3;
    private const int MapShared = 1;

    private readonly Mapping _mapping;
    private readonly byte* _start;
    private readonly int _length;

    private SharedMemory(FileDescriptor descriptor, int length)
    {
        Descriptor = descriptor;
        _length = length;
        void* start = MapNative(null, (nuint)length, ReadWriteAccess, MapShared, descriptor, 0);
        if (start == (void*)-1)
            throw LinuxException.Last("mmap");
        _mapping = new Mapping((nint)start, length);
        _start = (byte*)start;
    }

    /// <summary>Descriptor by which other processes get the memory.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Size in bytes.</summary>
    public int Length => _length;

    /// <summary>Makes new memory, all zeros.</summary>
    /// <param name="name">Name in /proc/PID/maps.</param>
    /// <param name="length">Size in bytes.</param>
    public static SharedMemory Create(string name, int length)
    {
        int number = MemfdNative(name, CloseOnExec);
        if (number < 0)
            throw LinuxException.Last("memfd_create", name);
        FileDescriptor descriptor = new(number);
        FileContent.SetLength(descriptor, length);
        return new SharedMemory(descriptor, length);
    }

    /// <summary>Maps memory that another process has made.</summary>
    /// <exception cref="InvalidDataException">The memory has another length, because another version made it.</exception>
    public static SharedMemory Map(FileDescriptor descriptor, int length)
    {
        long size = FileStatus.Of(descriptor).Size;
        return size == length
            ? new SharedMemory(descriptor, length)
            : throw new InvalidDataException($"shared memory of {size} bytes where {length} were expected");
    }

    /// <summary>Returns a range's pages to the system. The range then reads as zeros.</summary>
    public void Free(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length - offset);
        FileContent.Allocate(Descriptor, AllocateMode.PunchHole | AllocateMode.KeepSize, offset, length);
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    /// <summary>Returns a pointer. The memory never moves.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        return new MemoryHandle(_start + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    /// <summary>
    /// Does nothing, because a thread may still read or write a part of the memory. The mapping ends with the last reference to this
    /// object, or to a part of it.
    /// </summary>
    protected override void Dispose(bool disposing) => GC.KeepAlive(_mapping);

    /// <summary>The kernel's mapping.</summary>
    private sealed class Mapping : SafeHandle
    {
        private readonly int _length;

        public Mapping(nint start, int length) : base(0, ownsHandle: true)
        {
            _length = length;
            SetHandle(start);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => UnmapNative((void*)handle, (nuint)_length) == 0;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdNative(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* MapNative(void* address, nuint length, int access, int flags, FileDescriptor descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapNative(void* address, nuint length);
}
