using System.Reflection;
using CsCheck;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;
using Lofizone.Testing.Fuzz;

namespace Lofizone.Nfs.Tests;

/// <summary>Every decoder takes or refuses a mutated reply, and allocates in proportion to the reply's length.</summary>
public sealed class DecoderFuzzTests
{
    private const int MutationsPerDecoder = 4000;

    /// <summary>Limits of a decoder's allocation: one object for a few bytes, and the exception of a refusal.</summary>
    private const int AllocatedPerByte = 64;

    private const int AllocatedAlways = 256 * 1024;

    internal delegate void Decoder(ref XdrReader reader);

    private delegate void Encoder(ref XdrWriter writer);

    /// <summary>All decoders by the name of the method, each with valid messages.</summary>
    private static readonly Dictionary<string, (Decoder Decode, byte[][] Valid)> _decoders = new()
    {
        ["RpcMessage.DecodeReplyHead"] = ((ref reader) => RpcMessage.DecodeReplyHead(ref reader), [Words(1, 0, 0, 0, 0), Words(1, 0, 6, 3, 0x01020300, 0), Words(1, 1, 1, 5), Words(1, 1, 0, 2, 2)]),
        ["CompoundCall.NextStatus"] = ((ref reader) => CompoundCall.NextStatus(ref reader, OperationCode.Read), [Words(25, 0), Words(25, 10008)]),
        ["CompoundCall.Expect"] = ((ref reader) => CompoundCall.Expect(ref reader, OperationCode.PutFh), [Words(22, 0)]),
        ["CompoundCall.TakeReply"] = (TakeReply, [Reply(Words(1, 0, 0, 0, 0, 0, 0, 2, 53, 0), SequenceResult(), Words(22, 0)), Reply(Words(1, 0, 0, 0, 0, 10008, 0, 1, 53, 10008))]),
        ["GetAttr.Decode"] = ((ref reader) => GetAttr.Decode(ref reader), [Attributes(), Written((ref writer) => Bitmap.Of(10).Write(ref writer), Words(4, 90))]),
        ["ReadDir.Decode"] = ((ref reader) => ReadDir.Decode(ref reader, []), [Directory(1), Directory(7), Words(0, 0, 0, 1)]),
        ["Open.Decode"] = ((ref reader) => Open.Decode(ref reader), [Reply(Words(1, 2, 3, 4, 1, 0, 1, 0, 2, 0, 0, 0)), Reply(Words(1, 2, 3, 4, 1, 0, 1, 0, 2, 0, 2, 0, 16, 3, 1, 1))]),
        ["Locking.DecodeDenied"] = ((ref reader) => Locking.DecodeDenied(ref reader), [Words(0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 2, 0, 9, 5, 0x68656C6C, 0x6F000000)]),
        ["Sequence.Decode"] = ((ref reader) => Sequence.Decode(ref reader), [SequenceResult()]),
        ["ExchangeId.Decode"] = ((ref reader) => ExchangeId.Decode(ref reader), [Words(0, 7, 1, 0x10000, 0, 0, 1, 4, 0x66616B65, 4, 0x66616B65, 0)]),
        ["CreateSession.Decode"] = ((ref reader) => CreateSession.Decode(ref reader), [Words([1, 2, 3, 4, 1, 0, .. ChannelWords(), .. ChannelWords()])]),
        ["Channel.Read"] = ((ref reader) => CreateSession.Channel.Read(ref reader), [Words(ChannelWords()), Words(0, 1, 2, 3, 4, 5, 1, 9)]),
        ["Write.Decode"] = ((ref reader) => Write.Decode(ref reader, 4096), [Words(4096, 0, 1, 2), Words(17, 2, 0, 0)]),
        ["Read.Decode"] = ((ref reader) => Read.Decode(ref reader, 4096), [Words(1, 4, 7), Words(0, 0)]),
        ["Read.DecodeHead"] = ((ref reader) => Read.DecodeHead(ref reader, 4096), [Words(1, 4096), Words(0, 0)]),
        ["Commit.Decode"] = ((ref reader) => Commit.Decode(ref reader), [Words(1, 2)]),
        ["Remove.SkipResult"] = ((ref reader) => Remove.SkipResult(ref reader), [Words(1, 0, 1, 0, 2)]),
        ["Access.Decode"] = ((ref reader) => Access.Decode(ref reader), [Words(0x3F, 0x1F)]),
        ["FileHandle.DecodeGet"] = ((ref reader) => FileHandle.DecodeGet(ref reader), [Words(8, 1, 2), Words(5, 1, 0x02000000)]),
        ["Bitmap.Read"] = ((ref reader) => Bitmap.Read(ref reader), [Words(3, 1, 2, 3), Words(0), Words(1, 0xFFFFFFFF)]),
        ["Copy.Decode"] = ((ref reader) => Copy.Decode(ref reader, 4096), [Words(0, 0, 4096, 2, 1, 2, 1, 1), Words(1, 1, 2, 3, 4, 0, 512, 0, 1, 2, 1, 0)]),
        ["Copy.DecodeStatus"] = ((ref reader) => Copy.DecodeStatus(ref reader, 4096), [Words(0, 512, 0), Words(0, 4096, 1, 0)]),
        ["Seek.Decode"] = ((ref reader) => Seek.Decode(ref reader), [Words(0, 0, 4096)]),
        ["StateIdCheck.DecodeTest"] = ((ref reader) => StateIdCheck.DecodeTest(ref reader, 2), [Words(2, 0, 10025)]),
        ["StateId.Read"] = ((ref reader) => StateId.Read(ref reader), [Words(1, 2, 3, 4)]),
        ["SessionId.Read"] = ((ref reader) => SessionId.Read(ref reader), [Words(1, 2, 3, 4)]),
    };

    internal static IReadOnlyDictionary<string, (Decoder Decode, byte[][] Valid)> Decoders => _decoders;

    public static TheoryData<string> Names => [.. _decoders.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutated_messages_are_refused_with_the_protocols_error_or_taken(string name)
    {
        (Decoder decode, byte[][] valid) = _decoders[name];
        // Mutations of a message that the decoder refuses at once would test nothing.
        foreach (byte[] message in valid)
            Run(decode, message, mustSucceed: true);
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int).Sample(
            (index, seed) =>
            {
                byte[] message = Mutations.Of(valid[index], seed);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Run(decode, message, mustSucceed: false);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated <= message.Length * AllocatedPerByte + AllocatedAlways, $"{allocated} bytes for a message of {message.Length}");
            },
            iter: MutationsPerDecoder,
            threads: 1);
    }

    [Fact]
    public void Every_decoder_of_the_client_is_fuzzed()
    {
        IEnumerable<string> found = typeof(XdrReader).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(XdrReader).MakeByRefType()))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");
        Assert.Equal(found.Distinct().Order(), _decoders.Keys.Order());
    }

    [Fact]
    public void Mutated_streams_of_records_end_in_an_error_of_the_connection_and_allocate_no_more_than_was_agreed()
    {
        const int AgreedBytes = 4096;
        byte[] wire = [.. Words(0x80000008, 1, 2), .. Words(4, 7, 0x80000004, 8), .. Words(0x80000000), .. Words(0x80000028), .. new byte[40]];
        Gen.Int.Sample(
            seed =>
            {
                byte[] bytes = Mutations.Of(wire, seed);
                RecordReceiver receiver = new(new BytesChannel(bytes), AgreedBytes);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    while (receiver.Begin())
                    {
                        Assert.InRange(receiver.Remaining, 0, AgreedBytes);
                        receiver.Take(new byte[Math.Min(8, receiver.Remaining)]);
                        receiver.End();
                    }
                }
                catch (IOException)
                {
                    // The end of the bytes, or bytes that are no record.
                }
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before <= bytes.Length * (AllocatedPerByte + AgreedBytes) + AllocatedAlways);
            },
            iter: 5 * MutationsPerDecoder,
            threads: 1);
    }

    private static void Run(Decoder decode, byte[] message, bool mustSucceed)
    {
        try
        {
            XdrReader reader = new(message);
            decode(ref reader);
            Assert.InRange(reader.Position, 0, message.Length);
        }
        catch (XdrException) when (!mustSucceed)
        {
            // The expected refusal.
        }
    }

    /// <summary>Decodes a whole reply as the receive thread does.</summary>
    private static void TakeReply(ref XdrReader reader)
    {
        byte[] message = reader.ReadFixed(reader.Remaining / 4 * 4).ToArray();
        byte[] wire = [.. Words(RpcMessage.LastFragment | (uint)(message.Length + 4), 77), .. message];
        RecordReceiver record = new(new BytesChannel(wire), wire.Length);
        Assert.True(record.Begin());
        CompoundCall call = new();
        XdrWriter writer = call.Begin(RpcMessage.BuildPrefix("fuzz", 0, 0), 2, cache: true, inline: true);
        call.End(writer);
        XdrReader head = new(record.Head);
        head.ReadUInt32();
        call.TakeReply(record, ref head);
    }

    private static byte[] Words(params uint[] words) => Written((ref writer) =>
    {
        foreach (uint word in words)
            writer.WriteUInt32(word);
    });

    private static byte[] Written(Encoder encode, params byte[][] more)
    {
        byte[] buffer = new byte[4096];
        XdrWriter writer = new(buffer);
        encode(ref writer);
        return Reply([buffer[..writer.Position], .. more]);
    }

    private static byte[] Reply(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    private static byte[] SequenceResult() => Words(1, 2, 3, 4, 9, 0, 7, 7, 0);

    private static uint[] ChannelWords() => [0, 1 << 20, 1 << 20, 4096, 64, 32, 0];

    /// <summary>All attributes of a file that the client asks for.</summary>
    private static byte[] Attributes()
    {
        byte[] values = Reply(
            Words(1, 0, 9, 0, 4096, 0, 77, 0, 1 << 20, 0, 1 << 20, 0x1A4, 1), Text("root"), Text("nobody@localdomain"), Words(0, 8192, 0, 1700000000, 5));
        return Written((ref writer) => GetAttr.FileAttributes.Write(ref writer), Words((uint)values.Length), values);
    }

    private static byte[] Directory(int entries)
    {
        List<byte[]> parts = [Words(0, 5)];
        byte[] values = Words(1, 0, 4096, 0, 0, 77, 0x1A4, 0, 8192, 0, 1700000000, 5);
        for (uint i = 1; i <= entries; i++)
        {
            parts.AddRange([Words(1, 0, i), Text("name" + i)]);
            parts.Add(Written((ref writer) => GetAttr.EntryAttributes.Write(ref writer), Words((uint)values.Length), values));
        }
        parts.Add(Words(0, 0));
        return Reply([.. parts]);
    }

    private static byte[] Text(string text) => Written((ref writer) => writer.WriteString(text));

    private sealed class BytesChannel(byte[] bytes) : IRpcChannel
    {
        private int _at;

        public int Receive(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, bytes.Length - _at);
            bytes.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait) => first.Length + second.Length + third.Length;

        public void Shutdown()
        {
        }

        public void Dispose()
        {
        }
    }
}
