using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>The host's service, package and server change while its zones run.</summary>
[Collection(HostLaboratoryCollection.Name)]
public sealed class HostServiceTests(HostLaboratory lab)
{
    /// <summary>Process IDs of the zones' inits and of the zones' other processes on the host.</summary>
    private const string Processes =
        "pgrep -f '^/usr/bin/(conmon|zone (keeper|engine|watch)) ' | sort -n; cat /run/lofizone/zones/*/runtime/init.pid | sort -n";

    /// <summary>A loop of writes in a zone that ends on request.</summary>
    private const string Writer =
        "rm -f /root/late; (while [ ! -e /root/late ]; do date >/root/tick; sync /root/tick; sleep 1; done) </dev/null >/dev/null 2>&1 &";

    private const string Engine = "pgrep -f '^/usr/bin/zone engine'", Keeper = "pgrep -f '^/usr/bin/zone keeper'";

    [Fact]
    public async Task A_restart_of_the_service_halts_no_zone()
    {
        await lab.HaveRunningAsync(HostLaboratory.KernelZone, HostLaboratory.UserZone);
        string before = await lab.Host.CheckedAsync(Processes);
        await lab.Host.CheckedAsync("systemctl restart lofizone", HostLaboratory.Limit);
        Assert.Equal(before, await lab.Host.CheckedAsync(Processes));
        Assert.NotEqual("", before);
        Assert.Equal("running", await lab.StateAsync(HostLaboratory.KernelZone));
        CommandResult refused = await lab.Host.RunAsync("systemctl stop lofizone-halt", HostLaboratory.Limit);
        Assert.False(refused.Succeeded, refused.ToString());
        Assert.Equal("running", await lab.StateAsync(HostLaboratory.UserZone));
    }

    [Fact]
    public async Task An_upgrade_of_the_package_leaves_zones_running_and_what_starts_later_is_the_new_program()
    {
        await lab.HaveRunningAsync(HostLaboratory.KernelZone, HostLaboratory.UserZone);
        string before = await lab.Host.CheckedAsync(Processes);
        await lab.Host.CheckedAsync($"dpkg -i {HostLaboratory.NewerPackage}", HostLaboratory.Limit);
        Assert.Equal(before, await lab.Host.CheckedAsync(Processes));
        Assert.Equal("active\nactive", await lab.Host.CheckedAsync("systemctl is-active lofizone lofizone-halt"));

        foreach (string process in (string[])[Engine, Keeper])
        {
            string old = await lab.Host.CheckedAsync(process);
            await lab.Host.CheckedAsync($"kill -9 {old}");
            await Laboratory.WaitAsync(
                async () => (await lab.Host.RunAsync(process)) is { Succeeded: true } now && now.Output.Trim() != old,
                HostLaboratory.Limit,
                $"nothing takes the place of process {old}");
            Assert.Equal("/usr/bin/zone", await lab.Host.CheckedAsync($"readlink /proc/$({process})/exe"));
            Assert.Equal("kept", await lab.InAsync(HostLaboratory.UserZone, "echo kept >/root/kept; sync /root/kept; cat /root/kept"));
        }

        Assert.Equal("running", await lab.StateAsync(HostLaboratory.KernelZone));
        Assert.Equal("running", await lab.StateAsync(HostLaboratory.UserZone));
    }

    [Fact]
    public async Task A_server_that_is_away_is_told_a_halt_is_refused_and_zones_go_on_when_it_is_back()
    {
        string[] zones = [HostLaboratory.KernelZone, HostLaboratory.UserZone];
        await lab.HaveRunningAsync(zones);
        foreach (string zone in zones)
            await lab.InAsync(zone, Writer);
        await lab.Server.PauseAsync();
        try
        {
            foreach (string zone in zones)
            {
                await Laboratory.WaitAsync(
                    async () => (await lab.LineAsync(zone)).Contains("unreachable since", StringComparison.Ordinal),
                    HostLaboratory.Limit,
                    $"{zone}: nobody says that its server is away");
                CommandResult refused = await lab.Host.RunAsync($"zone halt {zone}", HostLaboratory.Limit);
                Assert.Equal(1, refused.ExitCode);
                Assert.Contains("does not answer", refused.Error, StringComparison.Ordinal);
                Assert.Equal("running", await lab.StateAsync(zone));
            }
        }
        finally
        {
            await lab.Server.ResumeAsync();
        }

        foreach (string zone in zones)
        {
            Assert.Equal("back", await lab.InAsync(zone, "touch /root/late; echo back >/root/back; sync /root/back; cat /root/back"));
            await Laboratory.WaitAsync(
                async () => (await lab.LineAsync(zone)).TrimEnd().EndsWith(" -", StringComparison.Ordinal),
                HostLaboratory.Limit,
                $"{zone}: its server is back, and nobody says so");
        }
    }
}
