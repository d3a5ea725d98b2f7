using System.Globalization;

namespace Lofizone.Config;

/// <summary>Sizes as people write them: digits and one suffix of mkfile(8), k, m, g (and t, p), powers of 1024; b is a 512-byte block; none means bytes.</summary>
public static class ByteSize
{
    private const string Units = "kmgtp";

    /// <summary>Bytes, or null when the text is no size or larger than a file can be.</summary>
    public static long? TryParse(string text)
    {
        if (text.Length == 0)
            return null;
        char suffix = char.ToLowerInvariant(text[^1]);
        int unit = Units.IndexOf(suffix, StringComparison.Ordinal);
        string digits = unit >= 0 || suffix == 'b' ? text[..^1] : text;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return null;
        long factor = unit >= 0 ? 1L << (10 * (unit + 1)) : suffix == 'b' ? 512 : 1;
        return number > long.MaxValue / factor ? null : number * factor;
    }

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
}
