using System.Globalization;
using System.Text;

namespace Lofizone.Measures;

/// <summary>
/// Writes the OpenMetrics text format 1.0 (the specification of the OpenMetrics project, section "Text format"). All samples of a family
/// stand together under its TYPE, UNIT and HELP, and the text ends with an EOF line.
/// </summary>
public sealed class OpenMetricsWriter
{
    private readonly StringBuilder _text = new();
    private string _family = "";

    /// <summary>Begins a family.</summary>
    /// <param name="name">Name without the suffixes of the samples; ends with the unit if there is one.</param>
    /// <param name="type">counter, gauge, histogram, info or stateset.</param>
    /// <param name="help">A sentence.</param>
    /// <param name="unit">seconds or bytes; null for a number.</param>
    public void Family(string name, string type, string help, string? unit = null)
    {
        _family = name;
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        if (unit is not null)
            _text.Append("# UNIT ").Append(name).Append(' ').Append(unit).Append('\n');
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help)).Append('\n');
    }

    /// <summary>Adds a sample to the family.</summary>
    /// <param name="suffix">_total, _bucket, _count, _sum, _info, or nothing.</param>
    /// <param name="value">The sample's value.</param>
    /// <param name="labels">Names and values. A label with a null value is left out.</param>
    public void Sample(string suffix, double value, params IEnumerable<(string Name, string? Value)> labels)
    {
        _text.Append(_family).Append(suffix);
        char before = '{';
        foreach ((string name, string? text) in labels)
        {
            if (text is null)
                continue;
            _text.Append(before).Append(name).Append("=\"").Append(Escape(text)).Append('"');
            before = ',';
        }

        _text.Append(before == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    /// <summary>Ends and returns the text. No sample may be added afterwards.</summary>
    public string End() => _text.Append("# EOF\n").ToString();

    /// <summary>A number in the format's notation: decimal, without thousands separators, +Inf for infinity.</summary>
    public static string Number(double value) => double.IsPositiveInfinity(value)
        ? "+Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Escapes backslash, quote and line end, as needed in label values and help texts.</summary>
    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
