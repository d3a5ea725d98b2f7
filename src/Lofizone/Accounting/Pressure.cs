using System.Globalization;

namespace Lofizone.Accounting;

/// <summary>
/// Pressure stall information of one resource (Documentation/accounting/psi.rst): the time in which processes waited for the resource.
/// </summary>
/// <param name="SomePercent">Part of the last 10 seconds in which a process waited, percent.</param>
/// <param name="SomeMicroseconds">Time in which a process waited, since the cgroup was made.</param>
/// <param name="FullMicroseconds">Time in which all processes waited; null where the kernel does not tell it.</param>
public sealed record Pressure(double SomePercent, long SomeMicroseconds, long? FullMicroseconds)
{
    /// <summary>Parses a pressure file; null when the text has another form, or when the kernel counts no pressure.</summary>
    internal static Pressure? Parse(string? text)
    {
        Dictionary<string, string[]> lines = (text ?? "").Split('\n')
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length > 0)
            .DistinctBy(w => w[0])
            .ToDictionary(w => w[0], StringComparer.Ordinal);
        if (!lines.TryGetValue("some", out string[]? some) || Value(some, "avg10") is not { } percent
            || Value(some, "total") is not { } total)
            return null;
        return new Pressure(percent, (long)total, lines.TryGetValue("full", out string[]? full) ? (long?)Value(full, "total") : null);
    }

    private static double? Value(string[] words, string key)
    {
        string? word = words.FirstOrDefault(w => w.StartsWith(key + "=", StringComparison.Ordinal));
        return word is not null
            && double.TryParse(word.AsSpan(key.Length + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            ? value
            : null;
    }
}
