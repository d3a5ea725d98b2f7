using System.Text;
using Lofizone.Moving;

namespace Lofizone.Tests.Moving;

public sealed class LineChannelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public async Task Lines_arrive_whole_however_they_are_cut(int chunk)
    {
        string[] lines = ["", "short", new string('x', 100_000), "last"];
        LineChannel channel = new(new Cut(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")) + "no newline"), chunk), Stream.Null);
        foreach (string line in lines)
            Assert.Equal(line, await ReadAsync(channel));
        Assert.Null(await ReadAsync(channel));
    }

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_fills_memory()
    {
        LineChannel channel = new(new Endless(), Stream.Null);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => ReadAsync(channel));
        Assert.Contains("more than 8 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_one_line_each_whatever_is_in_them()
    {
        using MemoryStream stream = new();
        LineChannel writer = new(Stream.Null, stream);
        writer.Write(new MoveReply { Line = "one\ntwo" }, MoveJson.Default.MoveReply);
        writer.Write(new MoveReply { Done = new MoveAnswer() }, MoveJson.Default.MoveReply);
        stream.Position = 0;
        LineChannel reader = new(stream, Stream.Null);
        Assert.Equal("""{"line":"one\ntwo"}""", await ReadAsync(reader));
        Assert.Equal("""{"done":{}}""", await ReadAsync(reader));
    }

    private static async Task<string?> ReadAsync(LineChannel channel) =>
        await channel.ReadLineAsync(TestContext.Current.CancellationToken) is { } line ? Encoding.UTF8.GetString(line.Span) : null;

    /// <summary>A stream that gives a few bytes at a time.</summary>
    private sealed class Cut(byte[] content, int chunk) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
    }

    private sealed class Endless : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
