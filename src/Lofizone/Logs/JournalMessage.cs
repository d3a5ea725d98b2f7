using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Lofizone.Logs;

/// <summary>
/// One entry of the journal as a datagram of its native protocol (systemd's JOURNAL_NATIVE_PROTOCOL): a field on each line, and a field
/// whose value has several lines with its length before it.
/// </summary>
public static class JournalMessage
{
    /// <summary>What <c>journalctl -t</c> asks for.</summary>
    public const string Identifier = "zone";

    /// <summary>The unit that <c>journalctl -u</c> finds the entry by, whichever process wrote it: root may say so.</summary>
    public const string Unit = "lofizone.service";

    /// <summary>The datagram.</summary>
    /// <param name="zone">The zone that it is about, or null.</param>
    /// <param name="text">What happened.</param>
    /// <param name="priority">How much that matters.</param>
    public static byte[] Encode(string? zone, string text, LogPriority priority = LogPriority.Information)
    {
        using MemoryStream message = new();
        Field(message, "SYSLOG_IDENTIFIER", Identifier);
        Field(message, "PRIORITY", ((int)priority).ToString(CultureInfo.InvariantCulture));
        Field(message, "OBJECT_SYSTEMD_UNIT", Unit);
        if (zone is not null)
            Field(message, "ZONE", zone);
        Field(message, "MESSAGE", text);
        return message.ToArray();
    }

    private static void Field(MemoryStream message, string name, string value)
    {
        byte[] content = Encoding.UTF8.GetBytes(value);
        message.Write(Encoding.ASCII.GetBytes(name));
        if (content.Contains((byte)'\n'))
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)content.Length);
            message.WriteByte((byte)'\n');
            message.Write(length);
        }
        else
        {
            message.WriteByte((byte)'=');
        }

        message.Write(content);
        message.WriteByte((byte)'\n');
    }
}
