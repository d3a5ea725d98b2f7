using System.Globalization;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>Limits of a zone on a host with systemd, whose cgroups are of version 2.</summary>
[Collection(HostLaboratoryCollection.Name)]
public sealed class HostLimitsTests(HostLaboratory lab)
{
    private const string Zone = HostLaboratory.UserZone;

    [Fact]
    public async Task Limits_hold_in_the_zone_change_while_it_runs_and_outlive_a_restart_of_the_service()
    {
        await lab.HaveRunningAsync(Zone);
        string cgroup = (await lab.Host.CheckedAsync($"cat /run/lofizone/zones/{Zone}/runtime/cgroup")).Trim();
        string said = await lab.SudoAsync(
            $"zone set {Zone} capped-memory.physical=128m capped-memory.swap=0 capped-cpu.ncpus=0.25 cpu-shares=7 max-lwps=150");
        Assert.Contains("Applied capped-memory: physical: (not set) -> 128m", said, StringComparison.Ordinal);
        Assert.Equal("134217728 0 25000 100000 70 150", await ReadAsync(cgroup, "memory.max", "memory.swap.max", "cpu.max", "cpu.weight", "pids.max"));
        string unit = cgroup.Split('/').Single(n => n.EndsWith(".scope", StringComparison.Ordinal));
        Assert.Equal("CPUWeight=70", (await lab.Host.CheckedAsync($"systemctl show -p CPUWeight {unit}")).Trim());

        // A program that wants more memory than the zone has is killed, and the zone goes on.
        Assert.Equal("137", await lab.InAsync(Zone, "dd if=/dev/zero of=/dev/null bs=300M count=1 2>/dev/null; echo $?"));
        Assert.Contains("running", await lab.SudoAsync("zone list"), StringComparison.Ordinal);

        // A program that wants a CPU gets a quarter of one.
        (double used, double elapsed) before = await CpuAsync(cgroup);
        await lab.InAsync(Zone, "timeout 8 yes >/dev/null || true");
        (double used, double elapsed) after = await CpuAsync(cgroup);
        Assert.InRange((after.used - before.used) / (after.elapsed - before.elapsed), 0, 0.275);

        // Root in the zone can't make the host's kernel prefer other processes when memory runs out.
        Assert.Equal("500 refused", await lab.InAsync(Zone, "echo $(cat /proc/self/oom_score_adj) $( (echo 0 >/proc/self/oom_score_adj) 2>/dev/null || echo refused)"));

        await lab.Host.CheckedAsync("systemctl restart lofizone.service");
        Assert.Equal("134217728", await ReadAsync(cgroup, "memory.max"));
        await lab.SudoAsync($"zone set {Zone} capped-memory.physical= capped-memory.swap= capped-cpu.ncpus= cpu-shares= max-lwps=");
        Assert.Equal("max max 100000 10", await ReadAsync(cgroup, "memory.swap.max", "cpu.max", "cpu.weight"));
        Assert.Equal("CPUWeight=10", (await lab.Host.CheckedAsync($"systemctl show -p CPUWeight {unit}")).Trim());
    }

    private async Task<(double Used, double Elapsed)> CpuAsync(string cgroup)
    {
        string text = await lab.Host.CheckedAsync($"grep usage_usec /sys/fs/cgroup{cgroup}/cpu.stat; cut -d' ' -f1 /proc/uptime");
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (double.Parse(words[1], CultureInfo.InvariantCulture) / 1e6, double.Parse(words[2], CultureInfo.InvariantCulture));
    }

    private async Task<string> ReadAsync(string cgroup, params string[] files) =>
        (await lab.Host.CheckedAsync($"cd /sys/fs/cgroup{cgroup} && cat {string.Join(' ', files)}")).Trim().Replace('\n', ' ');
}
