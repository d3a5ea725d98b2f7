using System.Globalization;
using System.Text;

namespace Lofizone.Shares;

/// <summary>
/// Percent-encoding (RFC 3986 section 2.1). A printed URI is parsed as the same URI again. Letters beyond ASCII stay readable (RFC 3987).
/// </summary>
internal static class UriText
{
    /// <summary>
    /// Characters, in addition to letters and digits, that need no encoding in a path: unreserved, sub-delims, ':' and '@' of RFC 3986
    /// section 3.3, and the '/' between names.
    /// </summary>
    private const string PathMarks = "-._~!$&'()*+,;=:@/";

    private const string NameMarks = "-._~";

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes <c>%XX</c>. All other characters stand for themselves.</summary>
    /// <param name="text">A path or a name of a URI.</param>
    /// <param name="bad">Makes the exception from the fault of the text.</param>
    public static string Decode(string text, Func<string, Exception> bad)
    {
        if (!text.Contains('%'))
            return text;
        List<byte> bytes = [];
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                int length = char.IsSurrogatePair(text, at) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(at, length)));
                at += length - 1;
                continue;
            }

            if (at + 2 >= text.Length
                || !byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                throw bad("behind '%' stand two hexadecimal digits (%25 is the '%' itself)");
            if (value == '/')
                throw bad("%2F would be a '/' within a name, which no name holds");
            bytes.Add(value);
            at += 2;
        }

        try
        {
            return _strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw bad("what '%' stands for is no UTF-8");
        }
    }

    public static string EncodePath(string path) => Encode(path, PathMarks);

    public static string EncodeName(string name) => Encode(name, NameMarks);

    private static string Encode(string text, string marks)
    {
        StringBuilder encoded = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            string itself = rune.ToString();
            bool plain = rune.IsAscii
                ? char.IsAsciiLetterOrDigit(itself[0]) || marks.Contains(itself[0])
                : itself.Length == 1 && SafeText.IsSafe(itself[0]) && !Rune.IsWhiteSpace(rune);
            if (plain)
                encoded.Append(itself);
            else
                foreach (byte b in Encoding.UTF8.GetBytes(itself))
                    encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }
}
