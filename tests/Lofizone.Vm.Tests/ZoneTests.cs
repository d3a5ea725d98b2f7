using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>A zone over the kernel's NFS client. Its host is paused, cut off, loses its power, or gives the zone away.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class ZoneTests(Laboratory lab, InstalledZone zone, ITestOutputHelper output) : IClassFixture<InstalledZone>
{
    private const string Work = "/tmp/work-zone";

    /// <summary>Number of files that are written and flushed before the fault.</summary>
    private const int FilesBefore = 8;

    private static readonly TimeSpan _takeoverLimit = TimeSpan.FromSeconds(Laboratory.LeaseSeconds * 12);
    private static readonly TimeSpan _moveLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _noticeLimit = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("paused")]
    [InlineData("cut off")]
    [InlineData("without power")]
    public async Task A_zone_whose_host_is_gone_runs_on_another_and_not_on_the_one_that_comes_back(string fault)
    {
        await lab.Alpha.CheckedAsync($"zone boot {InstalledZone.Name}");
        Assert.Contains("kernel", await lab.Alpha.CheckedAsync("lofiadm --json"), StringComparison.Ordinal);
        await InstalledZone.InAsync(lab.Alpha, "echo before >/root/kept; sync /root/kept");
        await lab.Alpha.CheckedAsync($"rm -rf {Work}; mkdir -p {InstalledZone.Root}/var/files; sync; setsid write-files {InstalledZone.Root}/var/files {Work} </dev/null >/dev/null 2>&1 &");
        await Laboratory.WaitAsync(async () => (await lab.Alpha.RunAsync($"test $(cat {Work}/count) -ge {FilesBefore}")).Succeeded, _noticeLimit, "alpha does not write");
        await LeaveAsync(fault);
        try
        {
            CommandResult taken = await lab.Beta.RunAsync($"zone takeover {InstalledZone.ShareOf(lab.Beta)}/{InstalledZone.Name}", _takeoverLimit);
            Assert.True(taken.Succeeded, taken.ToString());
            output.WriteLine($"{fault}: the zone ran on the other host after {taken.Took.TotalSeconds:0.0} s, lease {Laboratory.LeaseSeconds} s, without KVM\n{taken.Output}");
            Assert.Equal("running", await InstalledZone.StateAsync(lab.Beta));
            Assert.Equal("before", await InstalledZone.InAsync(lab.Beta, "cat /root/kept; echo after >/root/kept; sync /root/kept"));
        }
        finally
        {
            await ReturnAsync(fault);
        }

        if (fault != "without power")
            await AssertFlushedIsThereAndNothingElseAsync();
        await AssertGaveWayAsync(noticesByItself: fault != "without power");
        Assert.Equal("after", await InstalledZone.InAsync(lab.Beta, "cat /root/kept"));
        await lab.Beta.CheckedAsync($"zone halt {InstalledZone.Name}");
        await lab.Server.CheckedAsync($"e2fsck -fn {InstalledZone.Image}");
        await zone.GiveBackAsync();
    }

    [Fact]
    public async Task A_zone_that_is_detached_on_one_host_is_attached_and_runs_on_the_other()
    {
        await lab.Alpha.CheckedAsync($"zone boot {InstalledZone.Name}");
        await InstalledZone.InAsync(lab.Alpha, "echo moved >/root/kept");
        await lab.Alpha.CheckedAsync($"zone halt {InstalledZone.Name} && zone detach {InstalledZone.Name}");
        await InstalledZone.AssertNothingLeftAsync(lab.Alpha);

        await lab.Beta.CheckedAsync($"zone attach {InstalledZone.ShareOf(lab.Beta)}/{InstalledZone.Name} && zone boot {InstalledZone.Name}");
        Assert.Equal("moved", await InstalledZone.InAsync(lab.Beta, "cat /root/kept"));
        Assert.Equal("configured", await InstalledZone.StateAsync(lab.Alpha));
        CommandResult refused = await lab.Alpha.RunAsync($"zone attach {InstalledZone.Name}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("beta", refused.Error, StringComparison.Ordinal);
        await lab.Beta.CheckedAsync($"zone halt {InstalledZone.Name}");
        await zone.GiveBackAsync();
    }

    [Fact]
    public async Task A_running_zone_moves_to_the_other_host_by_one_command()
    {
        await lab.JoinHostsAsync();
        await lab.Alpha.CheckedAsync($"zone boot {InstalledZone.Name}");
        await InstalledZone.InAsync(lab.Alpha, "echo moved >/root/kept");
        string move = $"zone move {InstalledZone.Name} beta --share {InstalledZone.ShareOf(lab.Beta)} --program /opt/zone";
        Assert.Contains("can be moved to beta", await lab.Alpha.CheckedAsync(move + " -n"), StringComparison.Ordinal);
        Assert.Equal("running", await InstalledZone.StateAsync(lab.Alpha));

        CommandResult moved = await lab.Alpha.RunAsync(move, _moveLimit);
        Assert.True(moved.Succeeded, moved.ToString());
        output.WriteLine(moved.Output);
        await InstalledZone.AssertNothingLeftAsync(lab.Alpha);
        Assert.Equal("configured", await InstalledZone.StateAsync(lab.Alpha));
        Assert.Equal("running", await InstalledZone.StateAsync(lab.Beta));
        Assert.Equal("moved", await InstalledZone.InAsync(lab.Beta, "cat /root/kept"));
        Assert.Contains("kernel", await lab.Beta.CheckedAsync("lofiadm --json"), StringComparison.Ordinal);
        await lab.Beta.CheckedAsync($"zone halt {InstalledZone.Name}");
        await zone.GiveBackAsync();
    }

    /// <summary>
    /// Alpha's writes during the fault have failed. Files that alpha has flushed are in beta's zone with the same content.
    /// </summary>
    private async Task AssertFlushedIsThereAndNothingElseAsync()
    {
        await Laboratory.WaitAsync(async () => (await lab.Alpha.RunAsync($"test -s {Work}/failed")).Succeeded, _noticeLimit, "alpha still writes");
        string sums = await lab.Alpha.CheckedAsync($"cat {Work}/sums");
        Assert.InRange(sums.Split('\n').Length, FilesBefore - 1, int.MaxValue);
        await lab.Beta.CheckedAsync($"echo 3 >/proc/sys/vm/drop_caches; printf '%s\\n' '{sums}' | md5sum --quiet -c");
    }

    /// <summary>Alpha stops the zone without a command and names the new owner. Alpha's kernel has nothing left of the zone.</summary>
    /// <param name="noticesByItself">
    /// Alpha notices the loss without a command. A host that was off learns of the loss at its first command.
    /// </param>
    private async Task AssertGaveWayAsync(bool noticesByItself)
    {
        if (noticesByItself)
        {
            await Laboratory.WaitAsync(
                async () => (await lab.Alpha.CheckedAsync("zone list")).Contains("taken over by beta", StringComparison.Ordinal), _noticeLimit, "alpha does not say that its zone was taken over");
            await Laboratory.WaitAsync(async () => await InstalledZone.StateAsync(lab.Alpha) == "configured", _noticeLimit, "alpha does not stop its zone");
        }

        CommandResult boot = await lab.Alpha.RunAsync($"zone boot {InstalledZone.Name}");
        Assert.Equal(1, boot.ExitCode);
        Assert.Contains("beta", boot.Error, StringComparison.Ordinal);
        Assert.Equal("configured", await InstalledZone.StateAsync(lab.Alpha));
        await InstalledZone.AssertNothingLeftAsync(lab.Alpha);
    }

    private Task LeaveAsync(string fault) => fault switch
    {
        "paused" => lab.Alpha.PauseAsync(),
        "cut off" => lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: false),
        _ => lab.Alpha.CutPowerAsync(),
    };

    private Task ReturnAsync(string fault) => fault switch
    {
        "paused" => lab.Alpha.ResumeAsync(),
        "cut off" => lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: true),
        _ => lab.StartHostAsync(lab.Alpha),
    };
}
