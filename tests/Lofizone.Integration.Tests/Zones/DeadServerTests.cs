using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// Every command on a frozen or killed server, with a halted zone and with a running zone that writes. Commands that only look give an
/// answer. Commands that need the server refuse and change nothing. By force a zone is removed without a reboot of the host.
/// </summary>
[Collection(SilentZones.Name)]
public sealed class DeadServerTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    private TestHost Host => zone.Host;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_a_halted_zone_commands_answer_and_nothing_is_changed(bool frozen)
    {
        try
        {
            await TakeAwayAsync(frozen);
            // The zone is installed, and a listing shows it as unavailable once a command has asked its server in vain.
            await AnswersAsync("web", "list");
            await AnswersAsync("installed", "explain", "web");
            await AnswersAsync("installed", "stat", "web", "-l");
            await AnswersAsync("zonepath", "zonecfg", "-z", "web", "info");
            await RefusesAsync("can't be reached", "doctor", "web");
            await RefusesAsync("can't be reached", "doctor", $"{zone.Share}/web");
            await RefusesAsync("or remove the configuration only, and leave what is on the share: zone delete --forget web", "delete", "--force", "web");
            await RefusesAsync("can't be reached", "uninstall", "--force", "web");
            await RefusesAsync("can't be reached", "boot", "web");
            Assert.Equal("unavailable", await Host.StateAsync("web"));
        }
        finally
        {
            await BringBackAsync(frozen);
        }

        // The zone is as before: not marked as half removed, and complete.
        await Host.RunCheckedAsync("boot", "web");
        await Host.RunCheckedAsync("halt", "web");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_running_zone_is_seen_refused_and_taken_down_by_force(bool frozen)
    {
        string image = $"{zone.Share}/spare{frozen}.img";
        await Host.RunCheckedAsync("boot", "web");
        await Host.RunCheckedAsync("mkfile", "-n", "16m", image);
        string device = (await Host.RunCheckedAsync("lofiadm", "-a", image)).Trim();
        Task<CommandResult> writer = Host.RunAsync("while dd if=/dev/zero of=/root/f bs=64k count=64 conv=fsync; do touch /root/wrote; done", [], "login", "web", "--", "sh", "-s");
        try
        {
            await Host.WaitAsync(async () => (await Host.RunAsync("login", "web", "--", "test", "-e", "/root/wrote")).Succeeded, "nothing was written in the zone");
            await TakeAwayAsync(frozen);
            await AnswersAsync("running", "list");
            await Host.WaitAsync(async () => (await Host.RunCheckedAsync("list", "-v")).Contains("unreachable since", StringComparison.Ordinal), "the silence was not noticed");
            await AnswersAsync("zone halt --force web", "explain", "web");
            await AnswersAsync("unreachable since", "stat", "--json");
            await AnswersAsync("unreachable since", "lofiadm", "-v");
            await AnswersAsync("traced: nfs", "trace", "web", "nfs");
            await RefusesAsync("but its server does not answer", "doctor", "web");
            await RefusesAsync("zone halt --force web", "halt", "web");
            await RefusesAsync("zone halt --force web", "reboot", "web");
            await RefusesAsync("is running and can't be deleted", "delete", "--force", "web");
            await RefusesAsync("does not answer", "lofiadm", "-d", device);
            Assert.Equal("running", await Host.StateAsync("web"));

            await Host.RunCheckedAsync("lofiadm", "-f", "-d", device);
            CommandResult halt = await Host.RunAsync("halt", "--force", "web");
            Assert.True(halt.Succeeded, halt.ToString());
            Assert.Contains("what it has not confirmed is given up", halt.Output, StringComparison.Ordinal);
            await writer;
            await AnswersAsync("installed", "list");
            Assert.Equal("Block Device File Options", (await Host.RunCheckedAsync("lofiadm")).Trim());
            Assert.DoesNotContain(HostTraces.Find(Host.Paths), t => t.Contains("loop", StringComparison.Ordinal) || t.Contains("fuse", StringComparison.Ordinal));
        }
        finally
        {
            await BringBackAsync(frozen);
        }

        // The lease of the given-up device runs out first.
        await Host.WaitAsync(async () => (await Host.RunAsync("boot", "web")).Succeeded, "the zone did not boot again");
        await Host.RunCheckedAsync("halt", "web");
    }

    [Fact]
    public async Task A_halt_whose_server_dies_in_the_unmount_ends_with_an_error_and_what_was_written_is_stored_when_the_server_is_back()
    {
        await Host.RunCheckedAsync("boot", "web");
        CommandResult halt;
        try
        {
            halt = await Host.RunHeldAsync("halt/unmount/before", zone.Server.PauseAsync, "halt", "web");
            halt.AssertFailed(
                "web: its server does not answer since ", "so its root can't be stored and unmounted (", "/dev/lofi/1, nfs://", "wait for the server and run again; or give up what it has not confirmed: zone halt --force web");
            Assert.Contains(HeldProcess.With("kernel-call"), p => HeldProcess.State(p) == 'D');
            // The zone's lock is free, so the next command does not complain about another command.
            await RefusesAsync("its server does not answer", "halt", "web");
        }
        finally
        {
            await zone.Server.ResumeAsync();
        }

        // The notice of the zone's end (zone settle), which waited for the zone's lock, finishes the halt when it is first.
        CommandResult again = await Host.RunAsync("halt", "web");
        Assert.True(again.Succeeded || again.Error.Contains("(it is installed)", StringComparison.Ordinal), again.ToString());
        await Host.RunCheckedAsync("boot", "web");
        await Host.RunCheckedAsync("halt", "web");
    }

    private Task TakeAwayAsync(bool frozen) => frozen ? zone.Server.PauseAsync() : zone.Server.KillAsync();

    private Task BringBackAsync(bool frozen) => frozen ? zone.Server.ResumeAsync() : zone.Server.StartAgainAsync(Cancellation);

    /// <summary>Runs a command. <see cref="TestHost.CommandLimit"/> ends a command that hangs, and fails the test.</summary>
    private async Task AnswersAsync(string what, params string[] command)
    {
        CommandResult result = await Host.RunAsync(command);
        Assert.True(result.Succeeded && result.Output.Contains(what, StringComparison.Ordinal), result.ToString());
    }

    private async Task RefusesAsync(string what, params string[] command)
    {
        CommandResult result = await Host.RunAsync(command);
        Assert.True(result.ExitCode == 1 && (result.Output + result.Error).Contains(what, StringComparison.Ordinal), result.ToString());
    }
}
