using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lofizone.Moving;

/// <summary>
/// Messages as lines of JSON over a pair of streams. This side never holds more of the other side's data than one bounded line.
/// </summary>
public sealed class LineChannel(Stream input, Stream output)
{
    /// <summary>Longest line, bytes: a list of packages with room to spare.</summary>
    public const int LimitBytes = 8 << 20;

    private const int FirstBufferBytes = 16 << 10;

    private readonly Lock _writing = new();
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    /// <summary>The next line without its newline; null at the end. Only one reader at a time.</summary>
    /// <exception cref="LofizoneException">A line is longer than <see cref="LimitBytes"/>.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellation)
    {
        int looked = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + looked, _end - _start - looked).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                byte[] line = _buffer[_start..(_start + looked + newline)];
                _start += looked + newline + 1;
                return line;
            }

            looked = _end - _start;
            MakeRoom();
            int count = await input.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (count == 0)
                return null;
            _end += count;
        }
    }

    /// <summary>Sends one message.</summary>
    /// <exception cref="IOException">The other side has closed the channel.</exception>
    public void Write<T>(T message, JsonTypeInfo<T> type)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, type), (byte)'\n'];
        lock (_writing)
        {
            output.Write(line);
            output.Flush();
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end < _buffer.Length)
            return;
        if (_buffer.Length >= LimitBytes)
            throw new LofizoneException($"the other side sent a line of more than {LimitBytes >> 20} MiB");
        Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, LimitBytes));
    }
}
