using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;
using Lofizone.Interop;
using Lofizone.Testing.Fuse;
using Lofizone.Testing.Fuzz;

namespace Lofizone.Fuse.Tests;

/// <summary>Mutated requests of every kind. Each gets at most one reply, no exception is thrown, and memory stays in proportion.</summary>
public sealed class RequestFuzzTests
{
    private const long FileBytes = 1 << 20;
    private const int MutationsPerRequest = 250;

    /// <summary>Bytes of the pool's buffers, and of a report about bad bytes.</summary>
    private const long AllocatedAlways = 4 << 20;

    /// <summary>A valid body for each opcode that has one of its own.</summary>
    private static readonly Dictionary<FuseOpcode, byte[]> _bodies = new()
    {
        [FuseOpcode.Init] = Bytes(new FuseInitIn { Major = 7, Minor = 38, MaxReadAhead = 131072, Flags = 0x73FFFFFB }),
        [FuseOpcode.Read] = Bytes(new FuseReadIn { Offset = 4096, Size = 8192 }),
        [FuseOpcode.Write] = [.. Bytes(new FuseWriteIn { Offset = 4096, Size = 512 }), .. new byte[512]],
        [FuseOpcode.Fsync] = Bytes(new FuseFsyncIn()),
        [FuseOpcode.Fallocate] = Bytes(new FuseFallocateIn { Offset = 4096, Length = 4096, Mode = AllocateMode.KeepSize | AllocateMode.PunchHole }),
        [FuseOpcode.GetAttributes] = Bytes(new FuseGetAttributesIn()),
        [FuseOpcode.SetAttributes] = Bytes(new FuseSetAttributesIn { Valid = FuseSetAttributes.Size, Size = (ulong)FileBytes }),
        [FuseOpcode.Open] = Bytes(new FuseOpenIn { Flags = 2 }),
        [FuseOpcode.Release] = Bytes(new FuseReleaseIn()),
        [FuseOpcode.Flush] = Bytes(new FuseFlushIn()),
        [FuseOpcode.Access] = Bytes(new FuseAccessIn { Mask = 4 }),
        [FuseOpcode.Lseek] = Bytes(new FuseSeekIn { Offset = 4096, Whence = 3 }),
        [FuseOpcode.Interrupt] = Bytes(new FuseInterruptIn { Unique = 5 }),
        [FuseOpcode.Forget] = Bytes(new FuseForgetIn { LookupCount = 1 }),
        [FuseOpcode.BatchForget] = [.. Bytes(new FuseBatchForgetIn { Count = 1 }), .. new byte[16]],
    };

    public static TheoryData<FuseOpcode> Opcodes => [.. Enum.GetValues<FuseOpcode>()];

    [Theory]
    [MemberData(nameof(Opcodes))]
    public void A_mutated_request_gets_one_reply_or_none_and_no_memory_of_its_choice(FuseOpcode opcode)
    {
        byte[] valid = Request(opcode, _bodies.GetValueOrDefault(opcode, new byte[24]));
        Gen.Int.Sample(seed => Check(valid, seed), iter: MutationsPerRequest, threads: 1);
    }

    [Fact]
    public void Every_request_with_a_struct_of_its_own_is_fuzzed_with_that_struct()
    {
        int structs = typeof(FuseInHeader).Assembly.GetTypes().Count(type => type.IsValueType && type.Name.StartsWith("Fuse", StringComparison.Ordinal) && type.Name.EndsWith("In", StringComparison.Ordinal));
        Assert.Equal(structs, _bodies.Count);
    }

    private static void Check(byte[] valid, int seed)
    {
        byte[] request = Mutations.Of(valid, seed);
        // Half of the requests have a true length in the header, because the others get stuck at the header.
        if (seed % 2 == 0 && request.Length >= sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(request, (uint)request.Length);
        byte[] buffer = new byte[FuseLimits.RequestBytes];
        request.CopyTo(buffer, 0);
        FuseServer server = new(new MemoryBlockFile(FileBytes, limit: 4 << 20), new FuseOptions { OnError = (_, _) => { } });
        string path = Path.GetTempFileName();
        try
        {
            using FileStream replies = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            server.Dispatcher.Dispatch((int)replies.SafeFileHandle.DangerousGetHandle(), buffer, request.Length);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedAlways);
            Assert.Equal(0, server.Statistics.InFlight);
            byte[] written = new byte[RandomAccess.GetLength(replies.SafeFileHandle)];
            RandomAccess.Read(replies.SafeFileHandle, written, 0);
            if (written.Length == 0)
                return;
            FuseOutHeader reply = MemoryMarshal.Read<FuseOutHeader>(written);
            Assert.Equal(((uint)written.Length, MemoryMarshal.Read<FuseInHeader>(request).Unique), (reply.Length, reply.Unique));
            Assert.InRange(reply.Error, -200, 0);
            Assert.NotEmpty(FuseMessageText.DescribeReply(MemoryMarshal.Read<FuseInHeader>(request).Opcode, written));
        }
        finally
        {
            File.Delete(path);
        }
        Assert.NotEmpty(FuseMessageText.Describe(request));
    }

    private static byte[] Request(FuseOpcode opcode, byte[] body) =>
        [.. Bytes(new FuseInHeader { Length = (uint)(Unsafe.SizeOf<FuseInHeader>() + body.Length), Opcode = opcode, Unique = 7, NodeId = 1 }), .. body];

    private static byte[] Bytes<T>(T value)
        where T : unmanaged
    {
        byte[] bytes = new byte[Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(bytes, in value);
        return bytes;
    }
}
