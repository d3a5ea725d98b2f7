using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>Changes of a zone's place in this host's index: its name, its zonepath, its mark.</summary>
internal sealed class ZoneRegistration(ZoneHost host, string name, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks)
{
    private const string OfPath = "moved to another zonepath";

    public async Task RenameAsync(string to, CancellationToken cancellation)
    {
        ZoneName.Check(to);
        if (to == name)
            throw new LofizoneException($"{name}: has that name already");
        // Two renames that exchange names take both locks in one order.
        bool first = string.CompareOrdinal(name, to) < 0;
        host.Require(name);
        using HostLock one = HostLock.Take(host.Paths, first ? name : to, "rename", ZoneRunner.RenamePatience);
        using HostLock other = HostLock.Take(host.Paths, first ? to : name, "rename", ZoneRunner.RenamePatience);
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        checks.RequireDown(status, "renamed");
        RequireWhole(status, "renamed");
        checks.RefuseDetached(status.Record, "renamed");
        if (host.Index.Load(to) is { } there)
            throw new LofizoneException(
                $"{to}: zone exists already ({host.Status(there).State.Text()})", $"choose another name, or 'zone delete {to}' first");
        new ZoneMount(host, status.Record.Config).RequireNotAttachedByHand();
        if (status is { State: ZoneState.Installed, Record.Config.RootImage: not null })
        {
            await checks.RequireHomeAsync(status.Record, cancellation);
            await new ZoneShare(host, status.Record.Config with { Name = to }).RequireFreeAsync(cancellation);
        }

        await runner.RunAsync(
            ZoneOperation.Rename, new ZoneRename(host, status.Record, to), ZoneRunner.DiscardPatience, cancellation);
    }

    public async Task MovePathAsync(string zonePath, CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("move");
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        checks.RequireDown(status, OfPath);
        RequireWhole(status, OfPath);
        ZoneRecord record = status.Record;
        ZoneConfig moved = record.Config with { ZonePath = zonePath };
        checks.RequireSound(moved);
        if (record.Config.RootImage is null)
            throw new LofizoneException(
                $"{name}: its file system was mounted at {record.Config.ZonePath} by hand",
                $"mount it at {zonePath}; then: zonecfg -z {name} set zonepath={zonePath}");
        if (zonePath == record.Config.ZonePath)
            throw new LofizoneException($"{name}: {zonePath} is its zonepath already");
        new ZoneMount(host, record.Config).RequireNotAttachedByHand();
        host.RefuseSharedZonePath(moved);
        new ZoneMount(host, moved).RequireZonePathFree();
        await runner.RunAsync(
            ZoneOperation.MovePath, new ZonePathMove(host, record, zonePath), ZoneRunner.DiscardPatience, cancellation);
    }

    public async Task MarkIncompleteAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("mark");
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        checks.RequireDown(status, "marked incomplete");
        if (status.State != ZoneState.Installed)
            throw new LofizoneException($"{name}: only an installed zone can be marked incomplete (it is {status.State.Text()})");
        await runner.RunAsync(ZoneOperation.Mark, new ZoneMark(host, status.Record), ZoneRunner.DiscardPatience, cancellation);
    }

    private void RequireWhole(ZoneStatus status, string what)
    {
        if (status.State == ZoneState.Incomplete)
            throw new LofizoneException($"{name}: is incomplete and can't be {what}", $"zone uninstall {name}");
    }
}
