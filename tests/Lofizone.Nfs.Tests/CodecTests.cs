using CsCheck;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Tests.Fake;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests;

/// <summary>Decoders return what encoders wrote. No message crashes a decoder, or makes it allocate beyond its length.</summary>
public sealed class CodecTests
{
    private static readonly Gen<byte[]> _garbage = Gen.Byte.Array[0, 600];

    private static readonly Gen<string> _names = Gen.String[Gen.Char["ab0 ./é日"], 0, 40];

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
    public void The_names_of_a_RENAME_arrive_as_they_were_written_and_no_part_of_them_passes_for_the_whole() => Gen.Select(_names, _names).Sample((from, to) =>
    {
        byte[] buffer = new byte[1024];
        XdrWriter writer = new(buffer);
        Rename.Encode(ref writer, from, to);
        XdrReader reader = new(buffer.AsSpan(0, writer.Position));
        FakeOperation read = FakeOperation.Read(ref reader);
        Assert.Equal((OperationCode.Rename, from, to, 0), (read.Code, read.Name, read.NewName, reader.Remaining));
        for (int length = 0; length < writer.Position; length++)
        {
            Assert.Throws<XdrException>(() =>
            {
                XdrReader part = new(buffer.AsSpan(0, length));
                FakeOperation.Read(ref part);
            });
        }
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
        string[] names = [.. DecoderFuzzTests.Decoders.Keys];
        Gen.Select(_garbage, Gen.Int[0, names.Length - 1]).Sample((bytes, index) =>
        {
            try
            {
                XdrReader reader = new(bytes);
                DecoderFuzzTests.Decoders[names[index]].Decode(ref reader);
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
                Assert.True(receiver.Begin());
                byte[] got = new byte[receiver.Remaining];
                receiver.Take(got);
                receiver.End();
                Assert.Equal(record, got);
            }
            Assert.False(receiver.Begin());
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
