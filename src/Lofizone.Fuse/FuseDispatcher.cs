using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>
/// Decodes one request, and answers the request or gives it to the store. The file system is one regular file, which is the root itself,
/// so whole families of requests never come. A request that is not served is answered with ENOSYS, and the kernel does not send its kind
/// again (the no_* flags of struct fuse_conn, fs/fuse/fuse_i.h).
/// </summary>
internal sealed class FuseDispatcher(FuseServer server, IBlockFile file, BufferPool buffers)
{
    private const uint RegularFile = 0x8000;
    private const uint OwnerReadWrite = 0x180;

    private static readonly int _headerBytes = Unsafe.SizeOf<FuseInHeader>();

    /// <summary>
    /// Serves the request in <paramref name="buffer"/>. After any failure the request still gets an answer, and the reader goes on.
    /// </summary>
    /// <returns>False when the buffer now belongs to a request under way.</returns>
    public bool Dispatch(int descriptor, byte[] buffer, int length)
    {
        try
        {
            return Serve(descriptor, buffer, length);
        }
        catch (Exception error)
        {
            // No exception comes once a request of the store has begun, so the buffer is still the reader's.
            ReadOnlySpan<byte> request = buffer.AsSpan(0, length);
            server.Report(FuseMessageText.Describe(request), error);
            if (length >= _headerBytes && error is not LinuxException { Call: "write" })
                server.Replies.Send(descriptor, MemoryMarshal.Read<FuseInHeader>(request).Unique, Errno.EIO);
            return true;
        }
    }

    private bool Serve(int descriptor, byte[] buffer, int length)
    {
        ReadOnlySpan<byte> request = buffer.AsSpan(0, length);
        if (length < _headerBytes)
        {
            server.Report(FuseMessageText.Describe(request), new InvalidDataException("cut short"));
            return true;
        }

        FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(request);
        ReadOnlySpan<byte> body = request[_headerBytes..];
        if (header.Length != length)
        {
            server.Report(
                FuseMessageText.Describe(request), new InvalidDataException($"its header says {header.Length} bytes, {length} came"));
            server.Replies.Send(descriptor, header.Unique, Errno.EIO);
            return true;
        }

        switch (header.Opcode)
        {
            case FuseOpcode.Read:
                Read(descriptor, header, body);
                return true;
            case FuseOpcode.Write:
                return Write(descriptor, header, body, buffer);
            case FuseOpcode.Fsync:
                Request(descriptor, header, null).Flush(file);
                return true;
            case FuseOpcode.Fallocate:
                Fallocate(descriptor, header, body);
                return true;
            default:
                long started = server.Statistics.Now;
                Control(descriptor, header, body);
                server.Statistics.Record(header.Opcode, started, 0, failed: false);
                return true;
        }
    }

    private void Read(int descriptor, in FuseInHeader header, ReadOnlySpan<byte> body)
    {
        if (!FuseMessageText.Body(body, out FuseReadIn read) || read.Size > FuseLimits.MaxDataBytes || read.Offset > long.MaxValue)
        {
            server.Replies.Send(descriptor, header.Unique, Errno.EINVAL);
            return;
        }

        int size = (int)Math.Min(read.Size, Math.Max(0, file.Length - (long)read.Offset));
        Request(descriptor, header, buffers.Rent(size)).Read(file, (long)read.Offset, size);
    }

    private bool Write(int descriptor, in FuseInHeader header, ReadOnlySpan<byte> body, byte[] buffer)
    {
        if (!FuseMessageText.Body(body, out FuseWriteIn write) || write.Size > body.Length - Unsafe.SizeOf<FuseWriteIn>()
            || write.Offset > long.MaxValue)
        {
            server.Replies.Send(descriptor, header.Unique, Errno.EINVAL);
            return true;
        }

        long offset = (long)write.Offset;
        if (offset > file.Length || write.Size > file.Length - offset)
        {
            // The image's size is fixed. A write beyond the size is a mistake of the block layer, or an attempt to grow the image.
            server.Replies.Send(descriptor, header.Unique, Errno.EFBIG);
            return true;
        }

        int size = (int)write.Size;
        if (size > BufferPool.SmallDataBytes)
        {
            Request(descriptor, header, buffer).Write(file, offset, buffer.AsMemory(FuseLimits.WriteDataOffset, size));
            return false;
        }

        // Small data is copied, so that the reader keeps its large buffer.
        byte[] small = buffers.Rent(size);
        buffer.AsSpan(FuseLimits.WriteDataOffset, size).CopyTo(small);
        Request(descriptor, header, small).Write(file, offset, small.AsMemory(0, size));
        return true;
    }

    private void Fallocate(int descriptor, in FuseInHeader header, ReadOnlySpan<byte> body)
    {
        if (!FuseMessageText.Body(body, out FuseFallocateIn range) || range.Offset > long.MaxValue
            || range.Length > long.MaxValue - range.Offset)
            server.Replies.Send(descriptor, header.Unique, Errno.EINVAL);
        else if ((range.Mode & AllocateMode.KeepSize) == 0 || (range.Mode & (AllocateMode.PunchHole | AllocateMode.ZeroRange)) == 0)
            server.Replies.Send(descriptor, header.Unique, Errno.EOPNOTSUPP);
        else if ((long)range.Offset >= file.Length)
            server.Replies.Send(descriptor, header.Unique, Errno.None);
        else
            Request(descriptor, header, null)
                .Punch(file, (long)range.Offset, Math.Min((long)range.Length, file.Length - (long)range.Offset));
    }

    private void Control(int descriptor, in FuseInHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Opcode)
        {
            case FuseOpcode.Init when FuseMessageText.Body(body, out FuseInitIn init):
                server.Initialize(descriptor, header.Unique, init);
                break;
            case FuseOpcode.GetAttributes:
                server.Replies.Send(descriptor, header.Unique, Attributes());
                break;
            case FuseOpcode.SetAttributes when FuseMessageText.Body(body, out FuseSetAttributesIn set):
                SetAttributes(descriptor, header.Unique, set);
                break;
            case FuseOpcode.Open:
                server.Replies.Send(
                    descriptor, header.Unique, new FuseOpenOut { OpenFlags = FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites });
                break;
            case FuseOpcode.StatFs:
                server.Replies.Send(descriptor, header.Unique, Space());
                break;
            case FuseOpcode.Release or FuseOpcode.Flush or FuseOpcode.Access or FuseOpcode.Destroy:
                server.Replies.Send(descriptor, header.Unique, Errno.None);
                break;
            case FuseOpcode.Forget or FuseOpcode.BatchForget:
                // FORGET has no answer (linux/fuse.h).
                break;
            case FuseOpcode.Interrupt:
                // A write can't be taken back, so an interrupted request is answered when it is done. ENOSYS tells the kernel to send no
                // more INTERRUPTs.
                server.Replies.Send(descriptor, header.Unique, Errno.ENOSYS);
                break;
            default:
                server.Replies.Send(descriptor, header.Unique, Errno.ENOSYS);
                break;
        }
    }

    private FuseRequest Request(int descriptor, in FuseInHeader header, byte[]? buffer)
    {
        FuseRequest request = server.NewRequest();
        request.Begin(descriptor, header, buffer);
        return request;
    }

    private void SetAttributes(int descriptor, ulong unique, in FuseSetAttributesIn set)
    {
        bool resizes = (set.Valid & FuseSetAttributes.Size) != 0 && set.Size != (ulong)file.Length;
        bool changes = (set.Valid & (FuseSetAttributes.Mode | FuseSetAttributes.UserId | FuseSetAttributes.GroupId)) != 0;
        if (resizes || changes)
            server.Replies.Send(descriptor, unique, Errno.EPERM);
        else
            server.Replies.Send(descriptor, unique, Attributes());
    }

    private FuseAttributesOut Attributes() => new()
    {
        ValidSeconds = FuseLimits.AttributesValidSeconds,
        Attributes = new FuseAttributes
        {
            Inode = FuseLimits.RootNode,
            Size = (ulong)file.Length,
            Blocks = (ulong)file.Length / 512,
            Mode = RegularFile | OwnerReadWrite,
            LinkCount = 1,
            BlockSize = FuseLimits.PageBytes,
        },
    };

    private FuseStatFsOut Space() => new()
    {
        Blocks = (ulong)file.Length / FuseLimits.PageBytes,
        Files = 1,
        BlockSize = FuseLimits.PageBytes,
        FragmentSize = FuseLimits.PageBytes,
        NameLength = 255,
    };
}
