using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Accounting;

namespace Lofizone.Cli.Solaris;

/// <summary>Intervals and reports of zonestat as JSON, one object on each line.</summary>
internal sealed class ZonestatJson(ZonestatOptions options, TextWriter output) : IZonestatWriter
{
    public void Begin()
    {
        // Programs want lines of data only.
    }

    public void Interval(UsageInterval interval, long number, double seconds) => Write(interval, "interval");

    public void Report(UsageInterval report, ReportKind kind, UsageReport sums) => Write(report, ZonestatOptions.LabelOf(kind));

    private void Write(UsageInterval interval, string label) =>
        output.WriteLine(JsonSerializer.Serialize(UsageDocument.Of(interval, label, options), UsageJson.Default.UsageDocument));
}

/// <summary>The use of resources in an interval. Parts are fractions: 0.5 is a half.</summary>
internal sealed record UsageDocument(
    string Report, DateTimeOffset At, double Seconds, int Cpus, int CpusOnline, IReadOnlyDictionary<string, double> Capacity,
    IReadOnlyList<UsageDocumentRow> Rows)
{
    public static UsageDocument Of(UsageInterval interval, string label, ZonestatOptions options) => new(
        label, interval.At, interval.Seconds, interval.Cpus, interval.CpusOnline,
        interval.Capacity.ToDictionary(c => Name(c.Key), c => c.Value),
        [
            .. options.Ordered(interval.Users, options.SummarySort).Prepend(interval.System).Prepend(interval.Total)
                .Select(r => UsageDocumentRow.Of(interval, r)),
        ]);

    internal static string Name(Resource resource) => JsonNamingPolicy.CamelCase.ConvertName(resource.ToString());
}

/// <summary>The use of one zone.</summary>
internal sealed record UsageDocumentRow(
    string Name, long? CpuWeight, double? CpuShare, double? CpuOfShare, IReadOnlyList<int>? CpuSet,
    IReadOnlyDictionary<string, UsageDocumentAmount> Resources)
{
    public static UsageDocumentRow Of(UsageInterval interval, UsageRow row)
    {
        ProcessorSet? set = ProcessorSet.Of(interval).FirstOrDefault(s => s.Users.Contains(row));
        return new UsageDocumentRow(
            row.Name, row.CpuWeight, set?.Share(row), set?.OfShare(row), row.CpuSet is { } cpus ? [.. cpus] : null,
            row.Amounts.ToDictionary(
                a => UsageDocument.Name(a.Key),
                a => new UsageDocumentAmount(a.Value.Used, interval.OfSystem(row, a.Key), a.Value.Cap, a.Value.OfCap)));
    }
}

internal sealed record UsageDocumentAmount(double Used, double? OfSystem, double? Cap, double? OfCap);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UsageDocument))]
internal sealed partial class UsageJson : JsonSerializerContext;
