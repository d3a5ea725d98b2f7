using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Takes a zone that another host has just given away, and boots it on the way: attach, check, compare as an attach does it, then clone,
/// container, network and start as a boot does, with the image attached once.
/// </summary>
internal sealed class ZoneTake(
    ZoneHost host, ZoneRecord record, ZoneRecord? before, AttachOptions options, IReporter reporter, IDisposable? range = null)
{
    private readonly ZoneBoot _boot = new(
        host, record with { State = ZoneState.Installed, DetachedAt = null, Lost = null, Moving = null })
    { Reporter = reporter };

    /// <summary>Names of the steps that count as boot.</summary>
    public IReadOnlyList<string> BootSteps => [.. _boot.RunSteps().Select(s => s.Name)];

    public ZoneAttach Attach { get; } = new(host, record, before, options, reporter) { Range = range };

    public IReadOnlyList<Step> Steps() =>
    [
        .. Attach.TakeSteps(),
        Attach.WriteShare(),
        Attach.MarkInstalled(),
        new("device-of-run", "note the zone's device", Step.Now(NoteDevice)),
        .. _boot.RunSteps(),
    ];

    /// <summary>Notes the zone's device. The earlier note of the step "ready" is for a zone that will not run.</summary>
    private void NoteDevice()
    {
        string name = record.Config.Name;
        ZoneRun run = host.Index.LoadRun(name) ?? throw new LofizoneException($"{name}: its runtime state is gone", $"zone halt {name}");
        run = run with { Lofi = new ZoneMount(host, record.Config).Device?.Number };
        host.Index.SaveRun(name, run);
        _boot.GoOn(run);
    }
}
