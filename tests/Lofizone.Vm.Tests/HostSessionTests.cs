using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>A logout ends no process of a zone, even with KillUserProcesses=yes (logind.conf(5)).</summary>
[Collection(HostLaboratoryCollection.Name)]
public sealed class HostSessionTests(HostLaboratory lab)
{
    private const string KillAtLogout =
        "mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nKillUserProcesses=yes\\n' >/etc/systemd/logind.conf.d/kill.conf "
        + "&& systemctl restart systemd-logind";

    /// <summary>A process that the session leaves behind, which logind must end.</summary>
    private const string Stray = "sleep 7654321";

    /// <summary>Programs of zones in a user's session.</summary>
    private const string InSessions =
        "cat /sys/fs/cgroup/user.slice/user-*.slice/session-*.scope/cgroup.procs | xargs -rn1 sh -c 'readlink /proc/$0/exe' | grep -E 'conmon|zone' || true";

    /// <summary>Input of the console: return for a new prompt, and the escape. A console does not tell when it takes input.</summary>
    private const string Typed = "(sleep 2; printf '\\r'; sleep 4; printf '\\r~.'; sleep 2)";

    [Theory]
    [InlineData(HostLaboratory.KernelZone)]
    [InlineData(HostLaboratory.UserZone)]
    public async Task A_zone_outlives_the_session_that_booted_it_where_logind_ends_what_a_session_leaves(string zone)
    {
        await lab.HaveRunningAsync(zone);
        await lab.Host.CheckedAsync($"zone halt {zone} && {KillAtLogout}", HostLaboratory.Limit);
        CommandResult session = await lab.Host.LogInAsync(
            HostLaboratory.Sudoer, $"setsid {Stray} </dev/null >/dev/null 2>&1 & sudo zone boot {zone}", HostLaboratory.Limit);
        Assert.True(session.Succeeded, session.ToString());
        await Laboratory.WaitAsync(
            async () => !(await lab.Host.RunAsync($"pgrep -fx '{Stray}'")).Succeeded, HostLaboratory.Limit, "logind has not ended what the session left");

        // An engine that starts a system without KVM is slow to answer at first.
        await Laboratory.WaitAsync(
            async () => (await lab.LineAsync(zone)).TrimEnd().EndsWith(" -", StringComparison.Ordinal), HostLaboratory.Limit, $"{zone} has a problem");
        Assert.Contains(" running ", await lab.LineAsync(zone), StringComparison.Ordinal);
        await lab.InAsync(zone, "systemctl is-system-running --wait || true");
        string console = await lab.Host.CheckedAsync($"{Typed} | script -qec 'zone console {zone}' /dev/null", HostLaboratory.Limit);
        Assert.Contains("Connected to zone", console, StringComparison.Ordinal);
        Assert.Equal("", await lab.Host.CheckedAsync(InSessions));
        string halt = await lab.Host.CheckedAsync($"zone halt {zone} 2>&1", HostLaboratory.Limit);
        Assert.DoesNotContain("was killed", halt, StringComparison.Ordinal);
    }
}
