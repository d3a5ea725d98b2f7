using Lofizone.Config;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>The limits of a zone on this host: their check, and their change while the zone runs.</summary>
internal sealed class ZoneControls(RuntimeContext context, string zone)
{
    /// <summary>Weight of one share among systemd's scopes. Any other scope has 100.</summary>
    private const long ScopeWeightOfShare = 10;

    private static readonly TimeSpan _systemctlLimit = TimeSpan.FromSeconds(30);

    private readonly RuntimePaths _paths = context.Paths(zone);

    /// <summary>The weight of a zone's scope: scopes compete with each other, and not the zones' cgroups below them.</summary>
    public static long ScopeWeight(ResourceControls controls) => controls.CpuShares * ScopeWeightOfShare;

    /// <exception cref="LofizoneException">A limit is beyond the host's own.</exception>
    public static void Check(string zone, ResourceControls controls, HostCapacity host)
    {
        if (controls.MemoryBytes > host.MemoryBytes)
            throw new LofizoneException(
                $"{zone}: capped-memory: physical: {ByteSize.Format(controls.MemoryBytes.Value)} is more than this host's "
                + ByteSize.Format(host.MemoryBytes),
                $"lower it: zonecfg -z {zone} 'select capped-memory; set physical=...; end'");
        if (controls.LockedBytes is { } locked && (ulong)locked > RuntimeContext.LockedMemoryLimit)
            throw new LofizoneException(
                $"{zone}: capped-memory: locked: {ByteSize.Format(locked)} is more than this command may lock itself",
                "lower it, or raise the hard limit of locked memory (ulimit -Hl, LimitMEMLOCK= of the service that boots the zone)");
        if (controls.Tasks > host.MostTasks)
            throw new LofizoneException(
                $"{zone}: max-lwps and max-processes: {controls.Tasks} threads are more than the {host.MostTasks} that this host can give "
                + "to one zone",
                "lower the smaller of both, or raise kernel.pid_max and kernel.threads-max");
    }

    /// <summary>Gives the running zone these limits.</summary>
    public async Task ApplyAsync(ResourceControls controls, CancellationToken cancellation)
    {
        Check(zone, controls, HostCapacity.OfHost);
        int init = RuntimeProcesses.Read(_paths).InitPid;
        if (init <= 0)
            throw new LofizoneException($"zone {zone}: not running", $"boot it: zone boot {zone}");
        ZoneLaunch launch = context.Launch(zone);
        context.CgroupsOf(_paths).Limits.Write(zone, controls, HostCapacity.OfHost);
        if (launch.Controls.HasIpcLimits || controls.HasIpcLimits)
            IpcLimits.Write(zone, init, launch.UidBase, controls);
        if (SystemdScope.UnitOf(_paths.Cgroup) is { } unit)
            await SetWeightAsync(unit, ScopeWeight(controls), cancellation);
        // A login gets the limits of its own processes from this note.
        ContainerCreation.WriteLaunch(_paths, launch with { Controls = controls });
    }

    private async Task SetWeightAsync(string unit, long weight, CancellationToken cancellation)
    {
        ProgramResult result = await context.Programs.RunAsync(
            new ProgramCall(
                context.Programs.Find("systemctl") ?? throw MissingProgram.Error("systemctl"),
                ["set-property", "--runtime", unit, SystemdScope.WeightProperty(weight)])
            {
                TimeLimit = _systemctlLimit,
            },
            cancellation);
        if (result.ExitCode != 0)
            throw new LofizoneException($"zone {zone}: cpu-shares: systemctl: {result.Error.Trim()}");
    }
}
