using System.Globalization;
using System.Text;

namespace Lofizone.Measures;

/// <summary>
/// Writes the OpenMetrics text format 1.0 (the specification of the OpenMetrics project, section "Text format"): all samples of a family
/// stand together under its TYPE, UNIT and HELP, and the text ends with an EOF line.
/// </summary>
public sealed class OpenMetricsWriter
{
    private readonly StringBuilder _text = new();
    private string _family = "";

    /// <summary>Begins a family.</summary>
    /// <param name="name">Without the suffixes of its samples; ends with the unit if it has one.</param>
    /// <param name="type">counter, gauge, histogram, info or stateset.</param>
    /// <param name="help">A sentence.</param>
    /// <param name="unit">seconds, bytes; null for a number.</param>
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
    /// <param name="value">Its value.</param>
    /// <param name="labels">Names and values; a label whose value is null is left out.</param>
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

    /// <summary>The text; nothing may be added afterwards.</summary>
    public string End() => _text.Append("# EOF\n").ToString();

    /// <summary>A number as the format has it: decimal, no thousands, +Inf for infinity.</summary>
    public static string Number(double value) => double.IsPositiveInfinity(value)
        ? "+Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Backslash, quote and line end are escaped, in label values and help alike.</summary>
    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
