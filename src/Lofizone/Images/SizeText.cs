using Lofizone.Config;

namespace Lofizone.Images;

/// <summary>Sizes on the command line and in messages.</summary>
public static class SizeText
{
    private const int UnitFactor = 1024;
    private static readonly string[] _units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Parses a size (<see cref="ByteSize"/>), rounded up to the whole 4 KiB sectors of images and devices.</summary>
    /// <exception cref="LofizoneException">The text is not a size, or the size is zero or larger than a file can be.</exception>
    public static long Parse(string text) => ByteSize.TryParse(text) switch
    {
        null => throw new LofizoneException($"'{SafeText.Text(text)}' is not a size", $"write {ByteSize.Forms}"),
        0 => throw new LofizoneException($"'{SafeText.Text(text)}': the size is zero", $"write {ByteSize.Forms}"),
        { } bytes => ByteSize.WholeSectors(bytes),
    };

    /// <summary>A size for people with about three digits, for example <c>1.5 GiB</c>. The text is not exact.</summary>
    public static string Format(long bytes)
    {
        double value = bytes;
        int unit = 0;
        // 1023.95 would print as "1024.0", so such a value is rounded up into the next unit.
        while (Math.Abs(value) >= UnitFactor - (unit == 0 ? 0 : 0.05) && unit < _units.Length - 1)
        {
            value /= UnitFactor;
            unit++;
        }

        return unit == 0
            ? $"{bytes} bytes"
            : $"{value:0.0} {_units[unit]}";
    }
}
