using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>What stays of a zone is in nobody's session: a logout ends nothing of it, even where logind ends all that a session leaves behind.</summary>
[Collection(HostLaboratoryCollection.Name)]
public sealed class HostSessionTests(HostLaboratory lab)
{
    private const string KillAtLogout = "mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nKillUserProcesses=yes\\n' >/etc/systemd/logind.conf.d/kill.conf && systemctl restart systemd-logind";

    /// <summary>Typed into the console: return for a new prompt, and the way out.</summary>
    private const string Typed = "(sleep 2; printf '\\r'; sleep 4; printf '\\r~.'; sleep 2)";

    [Theory]
    [InlineData(HostLaboratory.KernelZone)]
    [InlineData(HostLaboratory.UserZone)]
    public async Task A_zone_outlives_the_session_that_booted_it_where_logind_ends_what_a_session_leaves(string zone)
    {
        await lab.HaveRunningAsync(zone);
        await lab.Host.CheckedAsync($"zone halt {zone}; {KillAtLogout}", HostLaboratory.Limit);
        CommandResult session = await lab.Host.LogInAsync(HostLaboratory.Sudoer, $"setsid sleep 7654321 </dev/null >/dev/null 2>&1 & sudo zone boot {zone}", HostLaboratory.Limit);
        Assert.True(session.Succeeded, session.ToString());
        await Laboratory.WaitAsync(
            async () => !(await lab.Host.RunAsync("pgrep -fx 'sleep 7654321'")).Succeeded, HostLaboratory.Limit, "logind has not ended what the session left");

        Assert.Matches("running .* -$", await lab.LineAsync(zone));
        await lab.InAsync(zone, "systemctl is-system-running --wait || true");
        Assert.Contains("Connected to zone", await lab.Host.CheckedAsync($"{Typed} | script -qec 'zone console {zone}' /dev/null", HostLaboratory.Limit), StringComparison.Ordinal);
        Assert.Equal("", await lab.Host.CheckedAsync("cat /sys/fs/cgroup/user.slice/user-*.slice/session-*.scope/cgroup.procs | xargs -rn1 sh -c 'readlink /proc/$0/exe' | grep -E 'conmon|zone' || true"));
        Assert.DoesNotContain("was killed", await lab.Host.CheckedAsync($"zone halt {zone} 2>&1", HostLaboratory.Limit), StringComparison.Ordinal);
    }
}
