using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;
using Lofizone.Interop;
using Lofizone.Testing.Fuse;

namespace Lofizone.Fuse.Tests;

/// <summary>Requests go straight to the dispatcher, and a plain file takes the replies.</summary>
public sealed class DispatcherTests
{
    private const long Length = 8 << 20;

    private static readonly FuseOpcode[] _unanswered = [FuseOpcode.Forget, FuseOpcode.BatchForget];

    [Fact]
    public void Whatever_a_request_holds_it_gets_exactly_one_reply_with_its_number_and_a_true_length() =>
        Gen.Select(Gen.UInt[0, 60], Gen.ULong[1, ulong.MaxValue], Gen.Byte.Array[0, 300], Gen.Bool).Sample(
            (opcode, unique, body, plausible) =>
            {
                if (plausible)
                    Soften(body);
                byte[] replies = Serve(new MemoryBlockFile(Length), Request((FuseOpcode)opcode, unique, body));
                if (_unanswered.Contains((FuseOpcode)opcode))
                {
                    Assert.Empty(replies);
                    return;
                }

                FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(replies);
                Assert.Equal(((uint)replies.Length, unique), (reply.Length, reply.Unique));
                Assert.InRange(reply.Error, -125, 0);
            },
            iter: 3000);

    [Fact]
    public void Bytes_that_are_no_request_are_reported_and_change_nothing() =>
        Gen.Byte.Array[0, 39].Sample(
            bytes =>
            {
                List<string> reported = [];
                Assert.Empty(Serve(new MemoryBlockFile(Length), bytes, reported));
                Assert.Single(reported);
            },
            iter: 200);

    [Fact]
    public void A_header_that_lies_about_the_length_is_answered_with_EIO()
    {
        byte[] request = Request(FuseOpcode.GetAttributes, 7, new byte[16]);
        request[0]++;
        List<string> reported = [];
        FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(Serve(new MemoryBlockFile(Length), request, reported));
        Assert.Equal((-(int)Errno.EIO, 7UL), (reply.Error, reply.Unique));
        Assert.Single(reported);
    }

    [Fact]
    public void A_request_that_the_kernel_sends_again_is_answered_with_its_marked_number()
    {
        const ulong again = (1UL << 63) | 6;
        FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(Serve(new MemoryBlockFile(Length), Request(FuseOpcode.Fsync, again, new byte[16])));
        Assert.Equal((0, again), (reply.Error, reply.Unique));
    }

    [Fact]
    public void A_store_that_returns_less_than_asked_inside_the_file_is_an_error_and_not_an_early_end()
    {
        FuseReadIn read = new() { Offset = 0, Size = 4096 };
        List<string> reported = [];
        FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(Serve(new ShortFile(Length), Request(FuseOpcode.Read, 3, Bytes(read)), reported));
        Assert.Equal(-(int)Errno.EIO, reply.Error);
        Assert.Single(reported);
    }

    [Fact]
    public void A_store_without_space_is_told_as_such()
    {
        FuseWriteIn write = new() { Offset = 0, Size = 8 };
        byte[] body = [.. Bytes(write), .. new byte[8]];
        FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(Serve(new MemoryBlockFile(Length, limit: 0), Request(FuseOpcode.Write, 3, body), []));
        Assert.Equal(-(int)Errno.ENOSPC, reply.Error);
    }

    [Fact]
    public void A_listener_that_throws_costs_no_reply()
    {
        FuseReadIn read = new() { Offset = 0, Size = 4096 };
        FuseServer server = new(new ShortFile(Length), new FuseOptions { OnError = (_, _) => throw new InvalidOperationException("listener") });
        FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(Serve(server, Request(FuseOpcode.Read, 3, Bytes(read))));
        Assert.Equal(-(int)Errno.EIO, reply.Error);
    }

    [Fact]
    public void Reads_and_writes_allocate_nothing()
    {
        const int requests = 10_000;
        FuseServer server = new(new MemoryBlockFile(Length), new FuseOptions());
        byte[] read = Request(FuseOpcode.Read, 3, Bytes(new FuseReadIn { Size = 4096 }));
        byte[] write = [.. Request(FuseOpcode.Write, 3, [.. Bytes(new FuseWriteIn { Size = 4096 }), .. new byte[4096]])];
        using FileStream nowhere = new("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        int descriptor = (int)nowhere.SafeFileHandle.DangerousGetHandle();
        Exchange(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(requests);
        long perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / requests;
        Assert.Equal(0, perRequest);

        void Exchange(int count)
        {
            for (int i = 0; i < count; i++)
            {
                server.Dispatcher.Dispatch(descriptor, read, read.Length);
                server.Dispatcher.Dispatch(descriptor, write, write.Length);
            }
        }
    }

    /// <summary>Makes the large numbers of a random body small, so that offsets and sizes are often inside the file.</summary>
    private static void Soften(byte[] body)
    {
        for (int i = 0; i < body.Length; i++)
        {
            if (i % 8 >= 2)
                body[i] = 0;
        }
    }

    private static byte[] Bytes<T>(T value)
        where T : unmanaged
    {
        byte[] bytes = new byte[Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(bytes, in value);
        return bytes;
    }

    private static byte[] Request(FuseOpcode opcode, ulong unique, byte[] body)
    {
        FuseInHeader header = new() { Length = (uint)(Unsafe.SizeOf<FuseInHeader>() + body.Length), Opcode = opcode, Unique = unique, NodeId = 1 };
        return [.. Bytes(header), .. body];
    }

    /// <summary>The replies. Without a list for reports there must be no report.</summary>
    private static byte[] Serve(IBlockFile file, byte[] request, List<string>? reported = null)
    {
        List<string> reports = reported ?? [];
        byte[] replies = Serve(new FuseServer(file, new FuseOptions { OnError = (what, error) => reports.Add($"{what}: {error.Message}") }), request);
        if (reported is null)
            Assert.Empty(reports);
        return replies;
    }

    private static byte[] Serve(FuseServer server, byte[] request)
    {
        string path = Path.GetTempFileName();
        try
        {
            using FileStream replies = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            byte[] buffer = new byte[FuseLimits.RequestBytes];
            request.CopyTo(buffer, 0);
            server.Dispatcher.Dispatch((int)replies.SafeFileHandle.DangerousGetHandle(), buffer, request.Length);
            Assert.Equal(0, server.Statistics.InFlight);
            byte[] written = new byte[RandomAccess.GetLength(replies.SafeFileHandle)];
            RandomAccess.Read(replies.SafeFileHandle, written, 0);
            return written;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
