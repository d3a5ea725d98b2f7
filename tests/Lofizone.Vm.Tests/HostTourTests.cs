using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>The guide's tour (docs/guide.md) on a host with systemd, by a user with sudo(8), over both transports.</summary>
[Collection(HostLaboratoryCollection.Name)]
public sealed class HostTourTests(HostLaboratory lab)
{
    [Theory]
    [InlineData(HostLaboratory.KernelZone, "kernel")]
    [InlineData(HostLaboratory.UserZone, "user")]
    public async Task A_user_with_sudo_makes_looks_at_detaches_and_attaches_a_zone(string zone, string transport)
    {
        await lab.HaveRunningAsync(zone);
        Assert.Contains("running", await lab.SudoAsync("zone list"), StringComparison.Ordinal);
        string inside = await lab.SudoAsync($"zone login {zone} -- sh -c 'echo kept >/root/kept; sync; hostname'");
        Assert.Equal(zone, inside.Trim());
        Assert.Contains($"/zones/{zone}", await lab.SudoAsync("zone df"), StringComparison.Ordinal);
        Assert.Contains($"transport {transport}", await lab.SudoAsync($"zone explain {zone}"), StringComparison.Ordinal);
        Assert.Contains(zone, await lab.SudoAsync("zone stat"), StringComparison.Ordinal);
        Assert.Contains("running", await lab.InAsync(zone, "systemctl is-system-running --wait"), StringComparison.Ordinal);

        // udev has seen the zone's device, and has not probed its content.
        await lab.Host.CheckedAsync("udevadm settle");
        Assert.Equal("", await lab.Host.CheckedAsync("find /dev/disk -lname '*loop*' ! -path '*/by-diskseq/*' ! -path '*/by-loop-*'"));
        string known = await lab.Host.CheckedAsync($"udevadm info -q property $(lofiadm -p | cut -d: -f1 | head -n 1 | xargs realpath)");
        Assert.DoesNotContain("ID_FS_", known, StringComparison.Ordinal);
        Assert.Contains("UDISKS_IGNORE=1", known, StringComparison.Ordinal);

        await lab.SudoAsync($"zone halt {zone}");
        string journal = await lab.Host.CheckedAsync($"journalctl -b -u lofizone -t zone ZONE={zone} --no-pager -o cat");
        Assert.Contains($"{zone}: halt: done", journal, StringComparison.Ordinal);
        await lab.SudoAsync($"zone doctor {zone}");
        await lab.SudoAsync($"zone detach {zone}");
        await AssertNothingLeftAsync(zone);
        string share = HostLaboratory.ShareOf(zone);
        int options = share.IndexOf('?', StringComparison.Ordinal);
        await lab.SudoAsync($"zone attach '{(options < 0 ? $"{share}/{zone}" : $"{share[..options]}/{zone}{share[options..]}")}'");
        await lab.SudoAsync($"zone boot {zone}");
        Assert.Equal("kept", await lab.InAsync(zone, "cat /root/kept"));
    }

    [Fact]
    public async Task A_zone_that_is_deleted_leaves_nothing_on_the_host_nor_on_the_server()
    {
        await lab.HaveRunningAsync(HostLaboratory.UserZone);
        await lab.SudoAsync($"zone halt {HostLaboratory.UserZone}");
        await lab.SudoAsync($"zone delete --force {HostLaboratory.UserZone}");
        Assert.Equal("", await lab.StateAsync(HostLaboratory.UserZone));
        await AssertNothingLeftAsync(HostLaboratory.UserZone);
        Assert.Equal("", await lab.Server.CheckedAsync($"ls /srv/xfs | grep {HostLaboratory.UserZone} || true"));
    }

    private async Task AssertNothingLeftAsync(string zone)
    {
        Assert.Equal("", await lab.Host.CheckedAsync($"grep -E '/zones/{zone}[ /]|{zone}_root.img' /proc/mounts || true"));
        Assert.DoesNotContain(zone, await lab.Host.CheckedAsync("lofiadm --json"), StringComparison.Ordinal);
        string scopes = await lab.Host.CheckedAsync("systemctl list-units --no-legend 'lofizone*.scope'");
        Assert.DoesNotContain(zone, scopes, StringComparison.Ordinal);
    }
}
