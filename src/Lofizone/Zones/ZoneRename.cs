using Lofizone.Config;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// Gives a zone another name: its directory on the share, its record on this host and its logs. From the first step to the last the old
/// record names the new name. Until the new record exists, the next command on the old name undoes the rename. From then on, the next
/// command on either name finishes the rename.
/// </summary>
internal sealed class ZoneRename(ZoneHost host, ZoneRecord record, string name)
{
    private readonly ZoneRecord _renamed = record with
    {
        Config = record.Config with { Name = name },
        RenamingTo = null,
        RenamedFrom = null,
    };

    private string Old => record.Config.Name;

    /// <summary>False for a zone that has no root yet, and for one whose file system the administrator mounted.</summary>
    private bool IsOnShare => record is { Config.RootImage: not null, State: ZoneState.Installed };

    public IReadOnlyList<Step> Steps() =>
    [
        new(
            "note", "note the new name", Step.Now(() => host.Index.Save(record with { RenamingTo = name })),
            Step.Now(() => host.Index.Save(record with { RenamingTo = null }))) { KeepUnlessAllUndone = true },
        .. ShareSteps(),
        new(
            "index", "configure the zone under the new name", Step.Now(() => host.Index.Save(_renamed with { RenamedFrom = Old })),
            Step.Now(() => host.Index.Delete(name))),
        .. EndSteps(),
    ];

    /// <summary>The steps that finish a rename whose new record exists.</summary>
    public IReadOnlyList<Step> EndSteps() =>
    [
        new("logs", "move the zone's logs", Step.Now(MoveLogs)),
        new("forget", "forget the old name", Step.Now(ForgetOld)),
        new("done", "end the rename", Step.Now(() => host.Index.Save(_renamed))),
    ];

    /// <summary>The steps that undo a rename whose new record does not exist. The zone's record is the old one.</summary>
    public IReadOnlyList<Step> UndoSteps() =>
    [
        new("directory", "give the directory on the share its old name", BackAsync),
        new("note", "forget the new name", Step.Now(() => host.Index.Save(record with { RenamingTo = null }))),
    ];

    /// <summary>Removes the old record and what belongs to it, if it is still this zone's.</summary>
    public void ForgetOld()
    {
        if (host.Index.Load(Old) is { } old && old.RenamingTo == name && old.Config.Uuid == record.Config.Uuid)
            host.Index.Delete(Old);
        host.Accepted.Delete(Old);
    }

    private Step[] ShareSteps() =>
    [
        new("directory", "rename the zone's directory on the share", ThereAsync, BackAsync),
        new(
            "config", "write the zone's configuration on the share",
            c => IsOnShare ? Share(name).WriteConfigAsync(c) : Task.CompletedTask),
    ];

    private Task ThereAsync(CancellationToken cancellation) =>
        IsOnShare ? Share(Old).MoveToAsync(name, back: false, cancellation) : Task.CompletedTask;

    private async Task BackAsync(CancellationToken cancellation)
    {
        if (!IsOnShare)
            return;
        await Share(name).MoveToAsync(Old, back: true, cancellation);
        await Share(Old).WriteConfigAsync(cancellation);
    }

    private ZoneShare Share(string zone) => new(host, record.Config with { Name = zone });

    /// <summary>Logs of an earlier zone of the new name stay, and so do then this zone's.</summary>
    private void MoveLogs()
    {
        string old = Path.Combine(host.Paths.Log, Old), now = Path.Combine(host.Paths.Log, name);
        if (Directory.Exists(old) && !Directory.Exists(now))
            Directory.Move(old, now);
    }
}
