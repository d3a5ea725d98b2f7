using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>
/// Requests and replies in one line each, for messages and traces, with the field names of linux/fuse.h. Safe on any bytes, also on a
/// truncated message.
/// </summary>
public static class FuseMessageText
{
    /// <summary>
    /// Highest bit of a request's unique. The bit is set when the kernel sends the request again (FUSE_UNIQUE_RESEND, linux/fuse.h).
    /// </summary>
    private const ulong ResendBit = 1UL << 63;

    /// <summary>Longest name of an extended attribute that is shown, characters (XATTR_NAME_MAX).</summary>
    private const int NameLimit = 255;

    private static readonly string[] _names =
    [
        "", "LOOKUP", "FORGET", "GETATTR", "SETATTR", "READLINK", "SYMLINK", "", "MKNOD", "MKDIR", "UNLINK", "RMDIR", "RENAME", "LINK",
        "OPEN", "READ",
        "WRITE", "STATFS", "RELEASE", "", "FSYNC", "SETXATTR", "GETXATTR", "LISTXATTR", "REMOVEXATTR", "FLUSH", "INIT", "OPENDIR",
        "READDIR", "RELEASEDIR",
        "FSYNCDIR", "GETLK", "SETLK", "SETLKW", "ACCESS", "CREATE", "INTERRUPT", "BMAP", "DESTROY", "IOCTL", "POLL", "NOTIFY_REPLY",
        "BATCH_FORGET",
        "FALLOCATE", "READDIRPLUS", "RENAME2", "LSEEK", "COPY_FILE_RANGE", "SETUPMAPPING", "REMOVEMAPPING", "SYNCFS", "TMPFILE", "STATX",
    ];

    /// <summary>Name of an opcode without its prefix FUSE_. A number that linux/fuse.h does not define stays a number.</summary>
    public static string Name(FuseOpcode opcode) => (uint)opcode < (uint)_names.Length && _names[(uint)opcode] is { Length: > 0 } name
        ? name
        : $"opcode {(uint)opcode}";

    /// <summary>For example "WRITE unique 7 offset 4096 size 8192".</summary>
    public static string Describe(ReadOnlySpan<byte> request)
    {
        if (request.Length < Unsafe.SizeOf<FuseInHeader>())
            return $"a request of {request.Length} bytes, less than its header";
        FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(request);
        ReadOnlySpan<byte> body = request[Unsafe.SizeOf<FuseInHeader>()..];
        string again = (header.Unique & ResendBit) != 0 ? " (sent again)" : "";
        return $"{Name(header.Opcode)} unique {header.Unique & ~ResendBit}{again}{Fields(header, body)}";
    }

    /// <summary>A reply, for example "WRITE unique 7 size 8192" or "READ unique 9 error EIO".</summary>
    /// <param name="opcode">Opcode of the answered request; the reply itself has no opcode.</param>
    /// <param name="reply">The reply, or its beginning.</param>
    public static string DescribeReply(FuseOpcode opcode, ReadOnlySpan<byte> reply)
    {
        if (reply.Length < Unsafe.SizeOf<FuseOutHeader>())
            return $"{Name(opcode)} a reply of {reply.Length} bytes, less than its header";
        FuseOutHeader header = MemoryMarshal.Read<FuseOutHeader>(reply);
        ReadOnlySpan<byte> body = reply[Unsafe.SizeOf<FuseOutHeader>()..];
        string start = $"{Name(opcode)} unique {header.Unique & ~ResendBit}";
        if (header.Error != 0)
            return $"{start} error {ErrorName(header.Error)}";
        long data = header.Length - (long)Unsafe.SizeOf<FuseOutHeader>();
        return opcode switch
        {
            FuseOpcode.Read => $"{start} {data} bytes",
            FuseOpcode.Write when Body(body, out FuseWriteOut write) => $"{start} size {write.Size}",
            FuseOpcode.Open when Body(body, out FuseOpenOut open) => $"{start} fh {open.Handle} open_flags {open.OpenFlags}",
            FuseOpcode.GetAttributes or FuseOpcode.SetAttributes when Body(body, out FuseAttributesOut attributes) =>
                $"{start} size {attributes.Attributes.Size} mode {Convert.ToString(attributes.Attributes.Mode, 8)} attr_valid "
                + $"{attributes.ValidSeconds}",
            FuseOpcode.StatFs when Body(body, out FuseStatFsOut space) =>
                $"{start} blocks {space.Blocks} bfree {space.BlocksFree} bsize {space.BlockSize}",
            FuseOpcode.Init when Body(body, out FuseInitOut init) =>
                $"{start} version {init.Major}.{init.Minor} flags {(FuseInitFlags)(init.Flags | ((ulong)init.Flags2 << 32))} "
                + $"max_background {init.MaxBackground} max_write {init.MaxWrite} max_pages {init.MaxPages}",
            _ => data > 0 ? $"{start} {data} bytes" : start,
        };
    }

    /// <summary>Reads the struct at the start of a request's body; false when the body is cut short.</summary>
    internal static bool Body<T>(ReadOnlySpan<byte> body, out T value)
        where T : unmanaged
    {
        if (body.Length >= Unsafe.SizeOf<T>())
        {
            value = MemoryMarshal.Read<T>(body);
            return true;
        }

        value = default;
        return false;
    }

    private static string Fields(in FuseInHeader header, ReadOnlySpan<byte> body) => header.Opcode switch
    {
        FuseOpcode.Read when Body(body, out FuseReadIn read) => $" offset {read.Offset} size {read.Size}",
        FuseOpcode.Write when Body(body, out FuseWriteIn write) =>
            $" offset {write.Offset} size {write.Size} write_flags {write.WriteFlags}",
        FuseOpcode.Fallocate when Body(body, out FuseFallocateIn range) =>
            $" offset {range.Offset} length {range.Length} mode {range.Mode}",
        FuseOpcode.Fsync when Body(body, out FuseFsyncIn sync) => $" fh {sync.Handle} fsync_flags {sync.Flags}",
        FuseOpcode.Open when Body(body, out FuseOpenIn open) => $" flags 0{Convert.ToString(open.Flags, 8)}",
        FuseOpcode.Release when Body(body, out FuseReleaseIn release) =>
            $" fh {release.Handle} flags 0{Convert.ToString(release.Flags, 8)} release_flags {release.ReleaseFlags}",
        FuseOpcode.Flush when Body(body, out FuseFlushIn flush) => $" fh {flush.Handle}",
        FuseOpcode.GetAttributes when Body(body, out FuseGetAttributesIn get) => $" getattr_flags {get.Flags}",
        FuseOpcode.SetAttributes when Body(body, out FuseSetAttributesIn set) => $" valid {set.Valid} size {set.Size}",
        FuseOpcode.Access when Body(body, out FuseAccessIn access) => $" mask {access.Mask}",
        FuseOpcode.Lseek when Body(body, out FuseSeekIn seek) => $" offset {seek.Offset} whence {seek.Whence}",
        FuseOpcode.Interrupt when Body(body, out FuseInterruptIn interrupt) => $" of unique {interrupt.Unique & ~ResendBit}",
        FuseOpcode.Forget when Body(body, out FuseForgetIn forget) => $" nlookup {forget.LookupCount}",
        FuseOpcode.BatchForget when Body(body, out FuseBatchForgetIn forget) => $" count {forget.Count}",
        FuseOpcode.GetXattr when Body(body, out ulong size) => $" name {Text(body[sizeof(ulong)..])} size {(uint)size}",
        FuseOpcode.SetXattr when Body(body, out ulong size) => $" size {(uint)size}",
        FuseOpcode.ListXattr when Body(body, out ulong size) => $" size {(uint)size}",
        FuseOpcode.RemoveXattr => $" name {Text(body)}",
        FuseOpcode.Init when Body(body, out FuseInitIn init) =>
            $" version {init.Major}.{init.Minor} max_readahead {init.MaxReadAhead} flags "
            + $"{(FuseInitFlags)(init.Flags | ((ulong)init.Flags2 << 32))}",
        FuseOpcode.StatFs or FuseOpcode.Destroy => "",
        _ => $" nodeid {header.NodeId} {body.Length} bytes",
    };

    private static string ErrorName(int error) => Enum.IsDefined((Errno)(-(long)error))
        ? ((Errno)(-(long)error)).ToString()
        : error.ToString(CultureInfo.InvariantCulture);

    /// <summary>A name up to its end or the limit; each byte that is not printable ASCII becomes a dot.</summary>
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        if (end >= 0)
            bytes = bytes[..end];
        return string.Create(Math.Min(bytes.Length, NameLimit), bytes, static (text, from) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = from[i] is > 0x20 and < 0x7f ? (char)from[i] : '.';
        });
    }
}
