using System.Globalization;

namespace Lofizone.Config;

/// <summary>
/// Sizes as people write them: a number, with a fraction too (1.5g), and a unit in either case. k, m, g, t, p and KiB, MiB, … are powers of
/// 1024, as in mkfile(8); kB, MB, GB, … are powers of 1000; b is a 512-byte block; none means bytes. The one reader of sizes.
/// </summary>
public static class ByteSize
{
    /// <summary>What may be written, for messages and help.</summary>
    public const string Forms =
        "bytes, or a number with k, m, g or t (powers of 1024, as KiB, MiB, ...), or kB, MB, GB (powers of 1000), for example 300m or 1.5g";

    private const string Units = "kmgtp";

    /// <summary>Digits of a number, more than any size has.</summary>
    private const int MaxDigits = 24;

    /// <summary>Bytes, a part of one counted whole; null when the text is no size or larger than a file can be.</summary>
    public static long? TryParse(string text)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        string digits = text[..end];
        if (digits.Length > MaxDigits || !digits.StartsWithDigit() || !digits.EndsWithDigit() || Factor(text[end..]) is not { } factor)
            return null;
        // A fraction of a byte is a slip of the pen, one of a unit is not.
        if (factor == 1 && digits.Contains('.'))
            return null;
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && number <= (decimal)long.MaxValue / factor
            ? (long)decimal.Ceiling(number * factor)
            : null;
    }

    /// <summary>The next larger size that is whole 4 KiB sectors, as images and devices are.</summary>
    public static long WholeSectors(long bytes) =>
        bytes > long.MaxValue - PropertyChecks.ImageSizeUnitBytes
            ? long.MaxValue / PropertyChecks.ImageSizeUnitBytes * PropertyChecks.ImageSizeUnitBytes
            : (bytes + PropertyChecks.ImageSizeUnitBytes - 1) / PropertyChecks.ImageSizeUnitBytes * PropertyChecks.ImageSizeUnitBytes;

    /// <summary>Exact and short: the largest unit that divides the size, for example 300m; <see cref="TryParse"/> reads it back.</summary>
    public static string Format(long bytes)
    {
        int unit = 0;
        while (bytes != 0 && unit < Units.Length && bytes % 1024 == 0)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + (unit == 0 ? "" : Units[unit - 1].ToString());
    }

    private static long? Factor(string unit)
    {
        string lower = unit.ToLowerInvariant();
        if (lower.Length == 0)
            return 1;
        // A capital B alone would be bytes for some and blocks for others.
        if (unit == "b")
            return 512;
        int power = Units.IndexOf(lower[0], StringComparison.Ordinal) + 1;
        return power == 0 ? null : lower[1..] switch
        {
            "" or "ib" => 1L << (10 * power),
            "b" => (long)Math.Pow(1000, power),
            _ => null,
        };
    }

    private static bool StartsWithDigit(this string text) => text.Length > 0 && char.IsAsciiDigit(text[0]);

    private static bool EndsWithDigit(this string text) => text.Length > 0 && char.IsAsciiDigit(text[^1]);
}
