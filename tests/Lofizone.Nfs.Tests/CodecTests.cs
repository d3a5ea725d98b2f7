using CsCheck;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests;

/// <summary>What goes over the wire comes back as it was, and no bytes of a peer crash a decoder or make it allocate beyond their own length.</summary>
public sealed class CodecTests
{
    private static readonly Gen<byte[]> _garbage = Gen.Byte.Array[0, 600];

    private delegate void Decoder(ref XdrReader reader);

    [Fact]
    public void Xdr_values_round_trip() => Gen.Select(Gen.UInt, Gen.ULong, Gen.Long, Gen.Bool, Gen.Byte.Array[0, 100], Gen.String).Sample((a, b, c, d, e, f) =>
    {
        f = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(f));
        byte[] buffer = new byte[4096];
        XdrWriter writer = new(buffer);
        writer.WriteUInt32(a);
        writer.WriteUInt64(b);
        writer.WriteInt64(c);
        writer.WriteBool(d);
        writer.WriteOpaque(e);
        writer.WriteString(f);
        Assert.Equal(0, writer.Position % 4);
        XdrReader reader = new(buffer.AsSpan(0, writer.Position));
        Assert.Equal((a, b, c, d), (reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadInt64(), reader.ReadBool()));
        Assert.Equal(e, reader.ReadOpaque(100).ToArray());
        Assert.Equal(f, reader.ReadString(4096));
        Assert.Equal(0, reader.Remaining);
    });

    [Fact]
    public void A_length_above_its_limit_is_refused_before_anything_is_allocated() => Gen.UInt[101, uint.MaxValue].Sample(length =>
    {
        byte[] buffer = new byte[8];
        new XdrWriter(buffer).WriteUInt32(length);
        Assert.Throws<XdrException>(() => new XdrReader(buffer).ReadOpaque(100).Length);
    });

    [Fact]
    public void Garbage_is_refused_by_every_decoder_with_the_protocol_error_and_nothing_else()
    {
        Decoder[] decoders =
        [
            (ref reader) => GetAttr.Decode(ref reader),
            (ref reader) => ReadDir.Decode(ref reader, []),
            (ref reader) => Open.Decode(ref reader),
            (ref reader) => Locking.DecodeDenied(ref reader),
            (ref reader) => Sequence.Decode(ref reader),
            (ref reader) => ExchangeId.Decode(ref reader),
            (ref reader) => CreateSession.Decode(ref reader),
            (ref reader) => Write.Decode(ref reader, 4096),
            (ref reader) => Read.DecodeHead(ref reader, 4096),
            (ref reader) => Commit.Decode(ref reader),
            (ref reader) => FileHandle.DecodeGet(ref reader),
            (ref reader) => Bitmap.Read(ref reader),
            (ref reader) => RpcMessage.DecodeReplyHead(ref reader),
        ];
        Gen.Select(_garbage, Gen.Int[0, decoders.Length - 1]).Sample((bytes, index) =>
        {
            try
            {
                XdrReader reader = new(bytes);
                decoders[index](ref reader);
                Assert.True(reader.Position <= bytes.Length);
            }
            catch (XdrException)
            {
                // The expected refusal.
            }
        });
    }

    [Fact]
    public void Records_cut_into_fragments_and_pieces_of_any_size_arrive_whole() =>
        Gen.Select(Gen.Byte.Array[0, 3000].Array[1, 5], Gen.Int[1, 700], Gen.Int[1, 500]).Sample((records, smallest, piece) =>
        {
            int fragment = Math.Max(smallest, records.Max(r => r.Length) / RecordReceiver.MaxFragments + 1);
            using MemoryStream wire = new();
            foreach (byte[] record in records)
            {
                for (int at = 0; at == 0 || at < record.Length; at += fragment)
                {
                    int length = Math.Min(fragment, record.Length - at);
                    byte[] mark = new byte[4];
                    new XdrWriter(mark).WriteUInt32((uint)length | (at + length == record.Length ? RpcMessage.LastFragment : 0));
                    wire.Write(mark);
                    wire.Write(record, at, length);
                }
            }
            RecordReceiver receiver = new(new PiecewiseChannel(wire.ToArray(), piece), 1 << 20);
            foreach (byte[] record in records)
            {
                receiver.Begin();
                byte[] got = new byte[receiver.Remaining];
                receiver.Take(got);
                receiver.End();
                Assert.Equal(record, got);
            }
            Assert.Throws<EndOfStreamException>(receiver.Begin);
        });

    [Fact]
    public void A_record_in_too_many_fragments_is_refused()
    {
        byte[] empty = new byte[RpcMessage.RecordMarkBytes * (RecordReceiver.MaxFragments + 1)];
        Assert.Throws<XdrException>(() => new RecordReceiver(new PiecewiseChannel(empty, 64), 4096).Begin());
    }

    [Fact]
    public void A_record_longer_than_agreed_is_refused() =>
        Assert.Throws<XdrException>(() => new RecordReceiver(new PiecewiseChannel([0xFF, 0xFF, 0xFF, 0xFF, 0, 0], 6), 4096).Begin());

    private sealed class PiecewiseChannel(byte[] bytes, int piece) : IRpcChannel
    {
        private int _at;

        public int Receive(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(buffer.Length, piece), bytes.Length - _at);
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
