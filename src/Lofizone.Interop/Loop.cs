using System.Runtime.InteropServices;
using System.Text;

namespace Lofizone.Interop;

/// <summary>LO_FLAGS_* of linux/loop.h.</summary>
[Flags]
public enum LoopFlags : uint
{
    None = 0,
    ReadOnly = 1,

    /// <summary>The kernel frees the device when its last user closes it.</summary>
    AutoClear = 4,
    PartitionScan = 8,
    DirectIo = 16,
}

/// <summary>The result of LOOP_GET_STATUS64 for a configured loop device.</summary>
/// <param name="Flags">Flags of the device.</param>
/// <param name="Name">Free text that was given at the configuration (lo_file_name).</param>
/// <param name="BackingInode">Inode of the file behind the device.</param>
public sealed record LoopStatus(LoopFlags Flags, string Name, ulong BackingInode);

/// <summary>The loop driver (loop(4)): block devices that stand for files.</summary>
public static partial class Loop
{
    /// <summary>Major number of loop devices (Documentation/admin-guide/devices.txt).</summary>
    public const uint Major = 7;

    /// <summary>Largest length of <see cref="LoopStatus.Name"/>, bytes (LO_NAME_SIZE without the closing zero).</summary>
    public const int NameLimitBytes = NameSize - 1;

    internal const int NameSize = 64;
    private const string ControlPath = "/dev/loop-control";

    private const uint Configure = 0x4C0A;
    private const uint ClearFd = 0x4C01;
    private const uint GetStatus64 = 0x4C05;
    private const uint ControlAdd = 0x4C80;
    private const uint ControlRemove = 0x4C81;
    private const uint ControlGetFree = 0x4C82;

    /// <summary>
    /// Number of a loop device that is free at this moment. The kernel makes a device when none is free (LOOP_CTL_GET_FREE).
    /// </summary>
    /// <exception cref="LinuxException">ENOENT or ENXIO when the kernel has no loop driver.</exception>
    public static int GetFree() => Control(ControlGetFree, 0, "LOOP_CTL_GET_FREE");

    /// <summary>Adds /dev/loopN.</summary>
    /// <exception cref="LinuxException">EEXIST when the device exists.</exception>
    public static int Add(int number) => Control(ControlAdd, number, "LOOP_CTL_ADD");

    /// <summary>Removes /dev/loopN. The call takes some 50 ms.</summary>
    /// <exception cref="LinuxException">EBUSY while the device is configured or open.</exception>
    public static void Remove(int number) => Control(ControlRemove, number, "LOOP_CTL_REMOVE");

    /// <summary>
    /// LOOP_CONFIGURE: puts an open file behind the device. The driver keeps the open file description, with the locks that it holds.
    /// </summary>
    /// <param name="device">The loop device, opened for reading and writing.</param>
    /// <param name="file">The file; the caller may close its descriptor afterwards.</param>
    /// <param name="blockBytes">Logical block size: 512 to the page size, a power of two.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="name">Free text by which the device is found, at most <see cref="NameLimitBytes"/> bytes.</param>
    /// <exception cref="LinuxException">EBUSY when another process has configured the device.</exception>
    public static void Bind(FileDescriptor device, FileDescriptor file, int blockBytes, LoopFlags flags, string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, NameLimitBytes, nameof(name));
        using DescriptorUse fileUse = new(file);
        LoopConfig config = new() { Descriptor = (uint)fileUse.Number, BlockSize = (uint)blockBytes };
        config.Info.Flags = (uint)flags;
        text.CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref config.Info.FileName, 1)));
        LinuxException.Check(IoctlNative(device, Configure, ref config), "LOOP_CONFIGURE");
    }

    /// <summary>
    /// LOOP_CLR_FD: takes the file away from the device. When other processes have the device open, the driver only marks the device for
    /// freeing at the last close, and still reports success. The caller must check that <c>/sys/block/loopN/loop/backing_file</c> is gone.
    /// </summary>
    /// <exception cref="LinuxException">ENXIO when there is no file behind the device.</exception>
    public static void Unbind(FileDescriptor device) =>
        LinuxException.Check(IoctlNative(device, ClearFd, 0), "LOOP_CLR_FD");

    /// <summary>LOOP_GET_STATUS64; null when there is no file behind the device.</summary>
    public static LoopStatus? Status(FileDescriptor device)
    {
        if (IoctlNative(device, GetStatus64, out LoopInfo64 info) < 0)
            return Marshal.GetLastPInvokeError() == (int)Errno.ENXIO ? null : throw LinuxException.Last("LOOP_GET_STATUS64");
        ReadOnlySpan<byte> name = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref info.FileName, 1));
        int end = name.IndexOf((byte)0);
        return new LoopStatus((LoopFlags)info.Flags, Encoding.UTF8.GetString(end < 0 ? name : name[..end]), info.Inode);
    }

    private static int Control(uint request, int number, string call)
    {
        using FileDescriptor control = Files.Open(ControlPath, OpenFlags.ReadWrite);
        int result = IoctlNative(control, request, number);
        return result >= 0 ? result : throw LinuxException.Last(call, $"/dev/loop{number}");
    }

    /// <summary>64 bytes inside <see cref="LoopInfo64"/>.</summary>
    [System.Runtime.CompilerServices.InlineArray(NameSize)]
    internal struct Name64
    {
        private byte _first;
    }

    /// <summary>32 bytes inside <see cref="LoopInfo64"/>.</summary>
    [System.Runtime.CompilerServices.InlineArray(32)]
    internal struct Key32
    {
        private byte _first;
    }

    /// <summary>struct loop_info64, linux/loop.h: 232 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct LoopInfo64
    {
        public ulong Device;
        public ulong Inode;
        public ulong RawDevice;
        public ulong Offset;
        public ulong SizeLimit;
        public uint Number;
        public uint EncryptType;
        public uint EncryptKeySize;
        public uint Flags;
        public Name64 FileName;
        public Name64 CryptName;
        public Key32 EncryptKey;
        public ulong Init0;
        public ulong Init1;
    }

    /// <summary>struct loop_config, linux/loop.h: 304 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 304)]
    internal struct LoopConfig
    {
        public uint Descriptor;
        public uint BlockSize;
        public LoopInfo64 Info;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(FileDescriptor descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(FileDescriptor descriptor, nuint request, ref LoopConfig argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(FileDescriptor descriptor, nuint request, out LoopInfo64 argument);
}
