using System.Buffers.Binary;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Rpc;

/// <summary>A reply that breaks the protocol ends in an error or a new connection, not in a crash, hang or large allocation.</summary>
[Collection(nameof(AllocationCollection))]
public sealed class MalformedReplyTests
{
    private const int HeaderBytes = 8;

    [Theory]
    [InlineData(OperationCode.Read)]
    [InlineData(OperationCode.Write)]
    [InlineData(OperationCode.Commit)]
    public async Task A_reply_with_any_one_byte_changed_does_no_harm(OperationCode code)
    {
        for (int at = HeaderBytes; at < 160; at += 3)
        {
            foreach (byte change in (byte[])[0x01, 0x80, 0xFF])
                await RunAsync(code, reply =>
                {
                    byte[] other = [.. reply];
                    other[Math.Min(at, other.Length - 1)] ^= change;
                    return other;
                });
        }
    }

    [Theory]
    [InlineData(OperationCode.Read)]
    [InlineData(OperationCode.Write)]
    public async Task A_reply_cut_short_at_any_length_does_no_harm(OperationCode code)
    {
        for (int length = 4; length < 140; length += 4)
        {
            await RunAsync(code, reply =>
            {
                byte[] part = reply[..Math.Min(length, reply.Length)];
                BinaryPrimitives.WriteUInt32BigEndian(part, 0x80000000 | (uint)(part.Length - 4));
                return part;
            });
        }
    }

    [Fact]
    public async Task A_record_longer_than_agreed_or_in_endless_fragments_ends_the_connection_before_anything_is_allocated()
    {
        long before = GC.GetTotalAllocatedBytes();
        await RunAsync(OperationCode.Write, _ => [0xFF, 0xFF, 0xFF, 0xFF]);
        await RunAsync(OperationCode.Write, _ => [0x7F, 0xFF, 0xFF, 0xFF]);
        await RunAsync(OperationCode.Write, _ => new byte[4 * 5000]);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
    }

    [Fact]
    public async Task A_reply_in_many_fragments_is_understood()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3, 4, 5 }));
        run.Server.OnRequest = _ => FakeAction.ExecuteAndMangle(reply => [.. Fragments(reply)]);
        byte[] back = new byte[5];
        Assert.Equal(5, await run.FinishAsync(file.ReadAsync(0, back)));
        Assert.Equal([1, 2, 3, 4, 5], back);
        Assert.Equal(1, run.Server.Connections);
    }

    private static IEnumerable<byte> Fragments(byte[] reply)
    {
        for (int at = 4; at < reply.Length; at += 8)
        {
            int length = Math.Min(8, reply.Length - at);
            byte[] mark = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(mark, (at + length == reply.Length ? 0x80000000 : 0) | (uint)length);
            foreach (byte b in mark)
                yield return b;
            for (int i = 0; i < length; i++)
                yield return reply[at + i];
        }
    }

    private static async Task RunAsync(OperationCode code, Func<byte[], byte[]> mangle)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        int mangled = 0;
        run.Server.OnRequest = request =>
            request.Main.Code == code && mangled++ == 0 ? FakeAction.ExecuteAndMangle(mangle) : FakeAction.Execute;
        try
        {
            await run.FinishAsync(code switch
            {
                OperationCode.Read => file.ReadAsync(0, new byte[3]).AsTask(),
                OperationCode.Write => file.WriteAsync(0, new byte[] { 4, 5, 6 }).AsTask(),
                _ => file.CommitAsync().AsTask(),
            });
        }
        catch (IOException)
        {
            // An error is as good as a retry.
        }
        Assert.True(mangled > 0);
        Assert.Equal(NfsFileType.Regular, (await run.FinishAsync(run.Client.GetAttributesAsync("/image"))).Type);
    }
}
