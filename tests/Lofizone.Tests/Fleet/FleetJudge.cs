namespace Lofizone.Tests.Fleet;

/// <summary>
/// Knows which attachments wrote an image. An attachment must never write again after another attachment has written. Also collects the
/// durations of takeovers.
/// </summary>
internal sealed class FleetJudge(FleetClock clock)
{
    private readonly Dictionary<int, FleetAttachment> _writer = [];

    /// <summary>Writes of former owners.</summary>
    public List<string> DoubleWriters { get; } = [];

    /// <summary>Times from the command to the first write, milliseconds.</summary>
    public List<long> Takeovers { get; } = [];

    public long Writes { get; private set; }

    public int Fenced { get; private set; }

    public int Retaken { get; private set; }

    public int Reclaimed { get; private set; }

    public void Wrote(FleetAttachment by)
    {
        Writes++;
        int zone = by.Zone.Number;
        if (_writer.TryGetValue(zone, out FleetAttachment? last) && last != by)
        {
            if (by.HasWritten)
                DoubleWriters.Add($"{clock.Now} ms: zone {zone}: {by} writes after {last}");
            else if (by.Reason == FleetReason.TakeOver)
                Takeovers.Add(clock.Now - by.Since);
        }
        _writer[zone] = by;
        by.HasWritten = true;
    }

    public void WasFenced() => Fenced++;

    public void WasRetaken() => Retaken++;

    public void WasReclaimed() => Reclaimed++;
}
