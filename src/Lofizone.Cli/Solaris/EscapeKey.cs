using System.Text;
using Lofizone.Runtime;

namespace Lofizone.Cli.Solaris;

/// <summary>The value of zlogin(1) -e: a character, <c>\\</c> for a backslash, or <c>\</c> and octal digits for a byte.</summary>
internal static class EscapeKey
{
    /// <summary>The key; the tilde for null.</summary>
    public static byte Of(string? text) => text is null ? ConsoleEscape.Tilde : Parse(text)!.Value;

    /// <summary>The fault of a text; null for a good one.</summary>
    public static string? Problem(string text) => Parse(text) is null
        ? $"'{SafeText.Text(text)}' is no key: one character, \\\\ for a backslash, or \\ and up to three octal digits"
        : null;

    private static byte? Parse(string text) => text switch
    {
        "\\" or "\\\\" => (byte)'\\',
        ['\\', .. { Length: <= 3 } digits] when digits.All(d => d is >= '0' and <= '7') => Octal(digits),
        _ when Encoding.UTF8.GetBytes(text) is [var single] => single,
        _ => null,
    };

    private static byte? Octal(string digits)
    {
        int value = digits.Aggregate(0, (sum, digit) => (sum * 8) + (digit - '0'));
        return value <= byte.MaxValue ? (byte)value : null;
    }
}
