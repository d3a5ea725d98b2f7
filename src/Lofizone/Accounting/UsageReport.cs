namespace Lofizone.Accounting;

/// <summary>Kinds of a report over several intervals.</summary>
public enum ReportKind
{
    /// <summary>Use over the whole time, whether the zone was up or not.</summary>
    Total,

    /// <summary>Use over the time in which the zone was up.</summary>
    Average,

    /// <summary>Largest use in one interval.</summary>
    High,
}

/// <summary>Adds up intervals. Takes the same memory however many there are.</summary>
public sealed class UsageReport
{
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private UsageInterval? _last;
    private double _seconds;

    public DateTimeOffset Start { get; private set; }

    public int Intervals { get; private set; }

    /// <summary>Length of all intervals, seconds.</summary>
    public double Seconds => _seconds;

    public void Add(UsageInterval interval)
    {
        if (Intervals++ == 0)
            Start = interval.At.AddSeconds(-interval.Seconds);
        _seconds += interval.Seconds;
        _last = interval;
        foreach (UsageRow row in interval.Users.Concat([interval.Total, interval.System]))
        {
            if (!_rows.TryGetValue(row.Name, out Row? sums))
                _rows.Add(row.Name, sums = new Row());
            sums.Add(row, interval.Seconds);
        }
    }

    /// <summary>The report; null when there was no interval.</summary>
    public UsageInterval? Of(ReportKind kind)
    {
        if (_last is not { } last)
            return null;
        string[] fixedRows = [last.Total.Name, last.System.Name, last.Global.Name];
        return last with
        {
            Seconds = _seconds,
            Capacity = last.Capacity.ToDictionary(
                c => c.Key,
                c => c.Key.AddsUp() && kind == ReportKind.Total ? c.Value / last.Seconds * _seconds : c.Value),
            Total = Of(last.Total.Name, kind),
            System = Of(last.System.Name, kind),
            Global = Of(last.Global.Name, kind),
            Zones = [.. _rows.Keys.Except(fixedRows).Order(StringComparer.Ordinal).Select(name => Of(name, kind))],
        };
    }

    private UsageRow Of(string name, ReportKind kind) => _rows[name].Of(kind, _seconds);

    private sealed class Row
    {
        private readonly Dictionary<Resource, (double Sum, double Weighted, double High, double? Cap)> _sums = [];
        private UsageRow? _last;
        private double _seconds;
        private int _intervals;

        public void Add(UsageRow row, double seconds)
        {
            _last = row;
            _seconds += seconds;
            _intervals++;
            foreach ((Resource resource, Amount amount) in row.Amounts)
            {
                _sums.TryGetValue(resource, out (double Sum, double Weighted, double High, double? Cap) sums);
                _sums[resource] = (
                    sums.Sum + amount.Used, sums.Weighted + (amount.Used * seconds), Math.Max(sums.High, amount.Used), amount.Cap);
            }
        }

        public UsageRow Of(ReportKind kind, double allSeconds) => _last! with
        {
            Amounts = _sums.ToDictionary(
                s => s.Key,
                s => new Amount(
                    kind switch
                    {
                        ReportKind.High => s.Value.High,
                        ReportKind.Total => s.Key.AddsUp() ? s.Value.Sum : s.Value.Weighted / allSeconds,
                        _ => s.Key.AddsUp() ? s.Value.Sum / _intervals : s.Value.Weighted / _seconds,
                    },
                    s.Value.Cap)),
        };
    }
}
