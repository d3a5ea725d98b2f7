using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Lofizone.Logs;

/// <summary>
/// One entry of the journal as a datagram of journald's native protocol (systemd's JOURNAL_NATIVE_PROTOCOL): a field on each line. A field
/// with a value of several lines has the value's length before the value.
/// </summary>
public static class JournalMessage
{
    /// <summary>Identifier that <c>journalctl -t</c> selects by.</summary>
    public const string Identifier = "zone";

    /// <summary>
    /// Unit that <c>journalctl -u</c> selects the entry by, whichever process wrote the entry. Only root may name another unit.
    /// </summary>
    public const string Unit = "lofizone.service";

    /// <summary>Encodes the datagram.</summary>
    /// <param name="zone">The zone that the entry is about; null when there is none.</param>
    /// <param name="text">The event.</param>
    /// <param name="priority">The importance of the entry.</param>
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
