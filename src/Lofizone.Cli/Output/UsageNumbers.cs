using System.Globalization;

namespace Lofizone.Cli.Output;

/// <summary>Amounts of resources in the forms of zonestat(1): at most five characters for people, exact enough for programs.</summary>
internal static class UsageNumbers
{
    public const string None = "-";

    private const double KibBytes = 1024;

    /// <summary>Largest number without a decimal, and with one, in front of a unit.</summary>
    private const double Whole = 9999, Fraction = 99_999;

    private static readonly string[] _units = ["", "K", "M", "G", "T", "P", "E"];

    /// <summary>Bytes: 9999, 97.6K, 9999K, 97.6M and so on. For programs in KiB from 10000 bytes on.</summary>
    public static string Size(double? bytes, bool parsable = false)
    {
        if (bytes is not { } value)
            return None;
        if (parsable && value > Whole)
            return Text(Math.Floor(value / KibBytes), "0") + "K";
        for (int unit = 0; ; unit++, value = Math.Floor(value / KibBytes))
        {
            if (value <= Whole || unit == _units.Length - 1)
                return Text(Math.Floor(value), "0") + _units[unit];
            if (value <= Fraction)
                return Text(Math.Floor(value / KibBytes * 10) / 10, "0.0") + _units[unit + 1];
        }
    }

    /// <summary>A number of processes or threads.</summary>
    public static string Count(double? count, bool parsable = false) =>
        parsable && count is { } exact ? Text(Math.Floor(exact), "0") : Size(count);

    /// <summary>A part of a whole: 1.05%, 47.3%, 100%. Two digits behind the point for programs.</summary>
    public static string Percent(double? part, bool parsable = false)
    {
        if (part is not { } value)
            return None;
        double percent = Math.Floor(value * 10_000) / 100;
        return percent < 10 || parsable ? Text(percent, "0.00") + "%"
            : percent < 100 ? Text(Math.Floor(percent * 10) / 10, "0.0") + "%"
            : Text(Math.Floor(percent), "0") + "%";
    }

    /// <summary>CPUs: 0.05, 12.5, 128.</summary>
    public static string Cpus(double? cpus, bool parsable = false)
    {
        if (cpus is not { } value)
            return None;
        return value < 10 || parsable ? Text(Math.Floor(value * 100) / 100, "0.00")
            : value < 1000 ? Text(Math.Floor(value * 10) / 10, "0.0")
            : Text(Math.Floor(value), "0");
    }

    public static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? None;

    /// <summary>Time: 0:00:05.</summary>
    public static string Duration(double seconds)
    {
        long whole = (long)Math.Round(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{whole / 3600}:{whole / 60 % 60:00}:{whole % 60:00}");
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
