using System.Globalization;
using System.Text.RegularExpressions;

namespace Lofizone.Tests.Measures;

/// <summary>
/// Reads OpenMetrics text 1.0, and refuses text that the specification does not allow. Families must be in one piece, suffixes must fit
/// their type, units must end the name, label sets must be unique, buckets must grow up to +Inf and agree with the count, and one EOF must
/// be at the end.
/// </summary>
internal static partial class OpenMetricsReader
{
    /// <summary>All samples: name with labels as written, and value.</summary>
    public static IReadOnlyDictionary<string, double> Read(string text)
    {
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        Dictionary<string, double> samples = new(StringComparer.Ordinal);
        HashSet<string> families = new(StringComparer.Ordinal);
        string family = "", type = "";
        bool sampled = false;
        foreach (string line in text[..^"# EOF\n".Length].TrimEnd('\n').Split('\n'))
        {
            Match meta = Metadata().Match(line);
            if (meta.Success)
            {
                string name = meta.Groups["name"].Value;
                if (meta.Groups["kind"].Value == "TYPE")
                {
                    Assert.True(families.Add(name), $"{name}: a second family");
                    (family, type, sampled) = (name, meta.Groups["text"].Value, false);
                    Assert.Contains(type, (string[])["counter", "gauge", "histogram", "info", "stateset"]);
                }

                Assert.Equal(family, name);
                Assert.False(sampled, $"{line}: behind samples of its family");
                if (meta.Groups["kind"].Value == "UNIT")
                    Assert.EndsWith("_" + meta.Groups["text"].Value, name, StringComparison.Ordinal);
                continue;
            }

            Match sample = Sample().Match(line);
            Assert.True(sample.Success, $"no line of OpenMetrics: {line}");
            string full = sample.Groups["name"].Value;
            Assert.StartsWith(family, full, StringComparison.Ordinal);
            string[] suffixes = type switch { "counter" => ["_total"], "histogram" => ["_bucket", "_count", "_sum"], "info" => ["_info"], _ => [""] };
            Assert.Contains(full[family.Length..], suffixes);
            string value = sample.Groups["value"].Value;
            double number = value == "+Inf" ? double.PositiveInfinity : double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture);
            Assert.True(samples.TryAdd(full + sample.Groups["labels"].Value, number), $"{line}: twice");
            sampled = true;
        }

        CheckBuckets(samples);
        return samples;
    }

    private static void CheckBuckets(Dictionary<string, double> samples)
    {
        foreach (IGrouping<string, (double Bound, double Value)> series in samples.Where(s => s.Key.Contains("_bucket{", StringComparison.Ordinal)).GroupBy(
            s => Bound().Replace(s.Key, "").Replace("_bucket", "_count", StringComparison.Ordinal),
            s => (Bound: Parse(Bound().Match(s.Key).Groups["le"].Value), s.Value)))
        {
            (double Bound, double Value)[] buckets = [.. series];
            Assert.Equal(buckets.OrderBy(b => b.Bound), buckets);
            Assert.Equal(buckets.OrderBy(b => b.Value), buckets);
            Assert.Equal(double.PositiveInfinity, buckets[^1].Bound);
            Assert.Equal(samples[series.Key], buckets[^1].Value);
        }
    }

    private static double Parse(string bound) => bound == "+Inf" ? double.PositiveInfinity : double.Parse(bound, CultureInfo.InvariantCulture);

    [GeneratedRegex("^# (?<kind>TYPE|UNIT|HELP) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>.+)$")]
    private static partial Regex Metadata();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\\\|\\"|\\n)*",?)+(?<!,)\})? (?<value>\+Inf|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)$""")]
    private static partial Regex Sample();

    [GeneratedRegex(@",le=""(?<le>[^""]*)""")]
    private static partial Regex Bound();
}
