using System.Buffers.Binary;

namespace Lofizone.Testing.Fuzz;

/// <summary>
/// Makes valid messages invalid. A mutation keeps most of a message valid, so that a decoder gets far before it finds the fault.
/// </summary>
public static class Mutations
{
    /// <summary>Numbers at which code for lengths, counts and offsets often fails.</summary>
    private static readonly uint[] _edges = [0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0xFFFFF, 0x100000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF];

    /// <summary>Changes a valid message one to six times. The same seed gives the same message.</summary>
    public static byte[] Of(byte[] valid, int seed)
    {
        Random choices = new(seed);
        byte[] message = [.. valid];
        for (int changes = choices.Next(1, 7); changes > 0; changes--)
            message = Change(message, choices);
        return message;
    }

    private static byte[] Change(byte[] message, Random choices)
    {
        if (message.Length < 4)
            return [.. message, (byte)choices.Next(256)];
        int at = choices.Next(message.Length);
        int word = choices.Next(message.Length / 4) * 4;
        switch (choices.Next(9))
        {
            case 0:
                message[at] ^= (byte)(1 << choices.Next(8));
                return message;
            case 1:
                message[at] = (byte)choices.Next(256);
                return message;
            case 2:
                BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(word), _edges[choices.Next(_edges.Length)]);
                return message;
            case 3:
                BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(word), _edges[choices.Next(_edges.Length)]);
                return message;
            case 4:
                // A count or length is wrong by a little.
                BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(word), (uint)(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(word)) + choices.Next(-4, 5)));
                return message;
            case 5:
                return message[..at];
            case 6:
                // A part of the message is doubled.
                return [.. message[..at], .. message[word..Math.Min(message.Length, word + choices.Next(1, 64))], .. message[at..]];
            case 7:
                // A part of the message is missing.
                return [.. message[..Math.Min(at, word)], .. message[Math.Max(at, word)..]];
            default:
                byte[] noise = new byte[choices.Next(1, 32)];
                choices.NextBytes(noise);
                return [.. message, .. noise];
        }
    }
}
