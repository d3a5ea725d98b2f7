using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>Shutdown and start of a host with zones, with units and server in any state.</summary>
[Collection(HostLaboratoryCollection.Name)]
public sealed class HostShutdownTests(HostLaboratory lab, ITestOutputHelper output)
{
    /// <summary>A shutdown takes 90 s in this machine. Without the limits under test it takes ten minutes or never ends.</summary>
    private static readonly TimeSpan _shutdownLimit = TimeSpan.FromMinutes(6);

    private static readonly string[] _zones = [HostLaboratory.KernelZone, HostLaboratory.UserZone];

    [Fact]
    public async Task Zones_are_halted_in_order_before_network_and_NFS_go_also_where_no_unit_is_enabled_and_the_service_has_failed()
    {
        await HaveAutobootAsync("false");
        await lab.Host.CheckedAsync(
            "systemctl disable lofizone lofizone-halt; mkdir -p /run/systemd/system/lofizone.service.d; "
            + "printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\nSuccessExitStatus=\\n' >/run/systemd/system/lofizone.service.d/fails.conf; "
            + "systemctl daemon-reload; systemctl restart lofizone; until systemctl is-failed lofizone; do sleep 1; done",
            HostLaboratory.Limit);
        string last = await BootIdAsync();
        TimeSpan took = await lab.RebootAsync(_shutdownLimit);
        await AssertHaltedInOrderAsync(last, took);

        // The host has started without the units. The boot of a zone starts the unit that halts zones.
        Assert.Equal("inactive", (await lab.Host.RunAsync("systemctl is-active lofizone-halt")).Output.Trim());
        await lab.HaveRunningAsync(_zones);
        Assert.Equal("active", await lab.Host.CheckedAsync("systemctl is-active lofizone-halt"));
        last = await BootIdAsync();
        took = await lab.RebootAsync(_shutdownLimit);
        await AssertHaltedInOrderAsync(last, took);
        await lab.Host.CheckedAsync("systemctl enable --now lofizone lofizone-halt", HostLaboratory.Limit);
    }

    [Fact]
    public async Task A_dead_NAS_does_not_hold_the_shutdown_and_zones_boot_when_it_is_back_after_the_host()
    {
        await HaveAutobootAsync("true");
        string last = await BootIdAsync();
        await lab.Server.PauseAsync();
        try
        {
            TimeSpan took = await lab.RebootAsync(_shutdownLimit);
            output.WriteLine($"shutdown with a dead server: {took.TotalSeconds:0} s");
            string journal = await JournalAsync(last);
            foreach (string zone in _zones)
                Assert.Contains($"{zone}: its server does not answer", journal, StringComparison.Ordinal);
            Assert.DoesNotContain("has dropped this host's lock", journal, StringComparison.Ordinal);
            Assert.DoesNotContain("lofizone-halt.service: Stopping timed out", journal, StringComparison.Ordinal);
            foreach (string zone in _zones)
            {
                await Laboratory.WaitAsync(
                    async () => (await lab.Host.RunAsync($"journalctl -b -u lofizone --no-pager | grep '{zone} is tried again until'")).Succeeded,
                    HostLaboratory.Limit,
                    $"nobody tries {zone} again");
            }

        }
        finally
        {
            await lab.Server.ResumeAsync();
        }

        foreach (string zone in _zones)
        {
            await Laboratory.WaitAsync(async () => await lab.StateAsync(zone) == "running", HostLaboratory.Limit, $"{zone} does not boot");
            await lab.InAsync(zone, "systemctl is-system-running --wait || true");
        }
    }

    private async Task HaveAutobootAsync(string value)
    {
        await lab.Host.CheckedAsync("systemctl enable lofizone lofizone-halt", HostLaboratory.Limit);
        await lab.HaveRunningAsync(_zones);
        foreach (string zone in _zones)
            await lab.Host.CheckedAsync($"zonecfg -z {zone} set autoboot={value}", HostLaboratory.Limit);
    }

    /// <summary>The zones shut down in time, their file systems are clean, and the host's kernel has reported no error.</summary>
    private async Task AssertHaltedInOrderAsync(string boot, TimeSpan took)
    {
        output.WriteLine($"shutdown: {took.TotalSeconds:0} s");
        string journal = await JournalAsync(boot);
        Assert.DoesNotMatch("(?i)I/O error|EXT4-fs error|aborted journal|was killed|timed out", journal);
        int networkGone = journal.IndexOf("Stopped target network.target", StringComparison.Ordinal);
        Assert.InRange(networkGone, 0, int.MaxValue);
        foreach (string zone in _zones)
        {
            Assert.InRange(journal.IndexOf($"{zone}: [8/8] release the zone ID", StringComparison.Ordinal), 0, networkGone);
            Assert.Equal("installed", await lab.StateAsync(zone));
            string image = HostLaboratory.ImageOf(zone);
            await lab.Server.CheckedAsync($"e2fsck -fn {image}", HostLaboratory.Limit);
            Assert.DoesNotContain("needs_recovery", await lab.Server.CheckedAsync($"dumpe2fs -h {image} 2>&1"), StringComparison.Ordinal);
        }
    }

    private Task<string> BootIdAsync() => lab.Host.CheckedAsync("tr -d - </proc/sys/kernel/random/boot_id");

    private Task<string> JournalAsync(string boot) =>
        lab.Host.CheckedAsync($"journalctl -b {boot} --no-pager -o cat", HostLaboratory.Limit);
}
