using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Gives a zone away that may run: halt and detach in one, so that its packages are listed while its root is still mounted and the image
/// need not be attached a second time.
/// </summary>
internal sealed class ZoneGive(ZoneHost host, ZoneRecord record, ZoneRun? run, IReporter reporter)
{
    private readonly ZoneHalt _halt = new(host, run?.Config ?? record.Config, force: false, reporter);
    private readonly ZoneDetach _detach = new(host, record);

    /// <summary>When, as it stands on the share; null before.</summary>
    public DateTimeOffset? At => _detach.At;

    /// <summary>Names of the steps that count as halt; the shutdown itself takes what the zone's init takes.</summary>
    public IReadOnlyList<string> HaltSteps =>
    [
        .. _halt.StopSteps().Concat(_halt.LetGoSteps()).Select(s => s.Name).Where(n => n != ZoneHalt.ShutdownStep),
    ];

    /// <summary>
    /// No step but the last ones has a way back: the zone's state says how far it came, and the way back goes on from there.
    /// </summary>
    public IReadOnlyList<Step> Steps() => run is null
        ? [Note(), .. _detach.Steps()]
        : [Note(), .. _halt.StopSteps(), _detach.Look(), .. _halt.LetGoSteps(), .. _detach.GiveAwaySteps(), _halt.Forget()];

    private Step Note() => new("note", "note the move", Step.Now(() => host.Index.Save(record)));
}
