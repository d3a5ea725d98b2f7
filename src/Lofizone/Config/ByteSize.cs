using System.Globalization;

namespace Lofizone.Config;

/// <summary>
/// Sizes in the users' spelling: a number, also with a fraction (1.5g), and a unit in upper or lower case. k, m, g, t, p and KiB, MiB, …
/// are powers of 1024, as in mkfile(8). kB, MB, GB, … are powers of 1000. b is a block of 512 bytes. No unit means bytes. All commands
/// parse sizes with this class.
/// </summary>
public static class ByteSize
{
    /// <summary>The accepted forms, for messages and help.</summary>
    public const string Forms =
        "bytes, or a number with k, m, g or t (powers of 1024, as KiB, MiB, ...), or kB, MB, GB (powers of 1000), for example 300m or 1.5g";

    private const string Units = "kmgtp";

    /// <summary>Largest number of digits; no size has more.</summary>
    private const int MaxDigits = 24;

    /// <summary>
    /// The size in bytes, with a part of a byte rounded up. Null when the text is not a size, or larger than a file can be.
    /// </summary>
    public static long? TryParse(string text)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        string digits = text[..end];
        if (digits.Length > MaxDigits || !digits.StartsWithDigit() || !digits.EndsWithDigit() || Factor(text[end..]) is not { } factor)
            return null;
        // A fraction of a byte is a typing error; a fraction of a larger unit is not.
        if (factor == 1 && digits.Contains('.'))
            return null;
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && number <= (decimal)long.MaxValue / factor
            ? (long)decimal.Ceiling(number * factor)
            : null;
    }

    /// <summary>The next larger size in whole 4 KiB sectors, as images and devices need.</summary>
    public static long WholeSectors(long bytes) =>
        bytes > long.MaxValue - PropertyChecks.ImageSizeUnitBytes
            ? long.MaxValue / PropertyChecks.ImageSizeUnitBytes * PropertyChecks.ImageSizeUnitBytes
            : (bytes + PropertyChecks.ImageSizeUnitBytes - 1) / PropertyChecks.ImageSizeUnitBytes * PropertyChecks.ImageSizeUnitBytes;

    /// <summary>
    /// An exact and short text: the largest unit that divides the size, for example 300m. <see cref="TryParse"/> reads the text back.
    /// </summary>
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
        // A capital B is not accepted, because some users mean bytes and others mean blocks.
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
