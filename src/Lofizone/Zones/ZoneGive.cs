using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Gives a zone away that may run: halt and detach in one, so that its packages are listed while its root is still mounted and the image
/// need not be attached a second time.
/// </summary>
internal sealed class ZoneGive(ZoneHost host, ZoneRecord record, ZoneRun? run, IReporter reporter)
{
    private readonly ZoneHalt _halt = new(host, run?.Config ?? record.Config, HaltMode.Shutdown, reporter);
    private readonly ZoneDetach _detach = new(host, record);

    /// <summary>Time at which the zone was given away, as noted on the share; null before that.</summary>
    public DateTimeOffset? At => _detach.At;

    /// <summary>Names of the steps that count as halt. The duration of the shutdown is the zone's init's own.</summary>
    public IReadOnlyList<string> HaltSteps =>
    [
        .. _halt.StopSteps().Concat(_halt.LetGoSteps()).Select(s => s.Name).Where(n => n != ZoneHalt.ShutdownStep),
    ];

    /// <summary>
    /// The steps. Only the last ones have an undo action: the zone's state shows the progress, and the way back starts from that state.
    /// </summary>
    public IReadOnlyList<Step> Steps() => run is null
        ? [Note(), .. _detach.Steps()]
        :
        [
            Note(), .. _halt.StopSteps(), _detach.ListPackages(), .. _halt.LetGoSteps(), .. _detach.GiveAwaySteps(), _halt.PostHalt(),
            _halt.Forget(),
        ];

    private Step Note() => new("note", "note the move", Step.Now(() => host.Index.Save(record)));
}
