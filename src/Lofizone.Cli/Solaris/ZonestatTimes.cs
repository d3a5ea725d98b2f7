using System.Globalization;
using System.Text.RegularExpressions;

namespace Lofizone.Cli.Solaris;

/// <summary>Interval, duration and report period of zonestat(1): a number, or a time such as <c>1h30m</c>.</summary>
internal static partial class ZonestatTimes
{
    /// <summary>Interval of the word <c>default</c>, seconds: that of Solaris's monitoring service.</summary>
    private const int DefaultSeconds = 5;

    /// <summary>Longest time, seconds: a year.</summary>
    private const long LimitSeconds = 366L * 86_400;

    private const string Infinite = "inf";

    /// <summary>Seconds of an interval; null when the text is none.</summary>
    public static long? Interval(string text) => text == "default" ? DefaultSeconds : Time(text) ?? Count(text);

    /// <summary>Number of intervals; null when the text is none. A time is rounded up to whole intervals.</summary>
    public static long? Intervals(string text, long interval) =>
        text == Infinite ? long.MaxValue : Time(text) is { } seconds ? (seconds + interval - 1) / interval : Count(text);

    public static string? CheckInterval(string text) => Interval(text) is null
        ? $"'{SafeText.Text(text)}' is no interval: whole seconds, a time like 1m30s, or default"
        : null;

    public static string? CheckIntervals(string text) => Intervals(text, 1) is null
        ? $"'{SafeText.Text(text)}' is neither a number of intervals nor a time like 1h30m nor {Infinite}"
        : null;

    private static long? Count(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number is > 0 and <= LimitSeconds
            ? number
            : null;

    private static long? Time(string text)
    {
        Match match = Form().Match(text);
        if (text.Length == 0 || !match.Success)
            return null;
        long Part(int group) => match.Groups[group].Success ? long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        long seconds = (Part(1) * 3600) + (Part(2) * 60) + Part(3);
        return seconds is > 0 and <= LimitSeconds ? seconds : null;
    }

    [GeneratedRegex(@"\A(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?\z")]
    private static partial Regex Form();
}
