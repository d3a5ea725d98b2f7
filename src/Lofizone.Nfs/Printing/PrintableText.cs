using System.Text;

namespace Lofizone.Nfs.Printing;

/// <summary>Makes text from the wire safe for a line of a log: no byte of the text may end the line or command a terminal.</summary>
internal static class PrintableText
{
    /// <summary>Limit for the shown part of a text, bytes. Names may have 255 bytes on every common file system.</summary>
    private const int LimitBytes = 255;

    /// <summary>Writes the text in quotes; each byte that is not printable ASCII becomes a dot.</summary>
    public static void Quote(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        text.Append('"');
        foreach (byte b in bytes[..Math.Min(bytes.Length, LimitBytes)])
            text.Append(b is >= 0x20 and < 0x7f and not (byte)'"' ? (char)b : '.');
        text.Append(bytes.Length > LimitBytes ? "…\"" : "\"");
    }
}
