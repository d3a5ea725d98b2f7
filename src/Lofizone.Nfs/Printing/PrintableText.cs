using System.Text;

namespace Lofizone.Nfs.Printing;

/// <summary>Text from the wire made safe for a line of a log: no byte of it may end the line or command a terminal.</summary>
internal static class PrintableText
{
    /// <summary>Bytes shown of one text; names may have 255 on every common file system.</summary>
    private const int LimitBytes = 255;

    /// <summary>In quotes; what is no printable ASCII becomes a dot.</summary>
    public static void Quote(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        text.Append('"');
        foreach (byte b in bytes[..Math.Min(bytes.Length, LimitBytes)])
            text.Append(b is >= 0x20 and < 0x7f and not (byte)'"' ? (char)b : '.');
        text.Append(bytes.Length > LimitBytes ? "…\"" : "\"");
    }
}
