using Lofizone.Interop;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A second host takes a zone over from a host that is dead, or that is said to be dead.</summary>
[Collection(SilentZones.Name)]
public sealed class TakeoverTests(NasHost nas) : IClassFixture<NasHost>
{
    private TestHost A => nas.Host;

    private string Uri => $"{nas.Share}/web";

    [Fact]
    public async Task A_zone_of_a_host_that_is_silent_runs_on_another_after_its_lease_and_the_old_host_finds_out_by_itself()
    {
        await WithRunningZoneAsync(async (b, engine) =>
        {
            Processes.Send(engine, Signal.Stop);
            try
            {
                CommandResult taken = await b.RunAsync("takeover", Uri);
                Assert.True(taken.Succeeded, taken.ToString());
                Assert.Contains($"waiting until the server ends {Environment.MachineName}'s claim", taken.Output, StringComparison.Ordinal);
                Assert.Contains(" zone web: takeover: done", await b.ZonesLogAsync(), StringComparison.Ordinal);
                await AssertKeptAsync(b);
            }
            finally
            {
                Processes.Send(engine, Signal.Continue);
            }

            await AssertGivesWayAsync(b);
        });
    }

    [Fact]
    public async Task An_owner_that_lives_keeps_its_zone_unless_its_claim_is_ended_on_purpose()
    {
        await WithRunningZoneAsync(async (b, _) =>
        {
            (await b.RunAsync("takeover", Uri)).AssertFailed($"{Environment.MachineName} still has the image", "zone halt web", "--now");
            Assert.Null(await b.StateAsync("web"));
            Assert.Empty(HostTraces.Find(b.Paths, "web"));
            await AssertKeptAsync(A);

            CommandResult taken = await b.RunAsync("takeover", "--now", Uri);
            Assert.True(taken.Succeeded, taken.ToString());
            await AssertKeptAsync(b);
            await AssertGivesWayAsync(b);
        });
    }

    [Fact]
    public async Task A_fence_that_fails_leaves_the_zone_where_it_is_and_keeps_nobody_from_ending_the_claim()
    {
        await WithRunningZoneAsync(async (b, _) =>
        {
            // All hosts here have one name, so the owner gets another name. A repeated takeover must still name the owner, not the host of
            // an earlier attempt.
            string owner = new('x', Environment.MachineName.Length);
            string record = Path.Combine(nas.ShareDirectory, "web", "owner.json");
            string text = await File.ReadAllTextAsync(record);
            Assert.Contains($"\"{Environment.MachineName}\"", text, StringComparison.Ordinal);
            await using (StreamWriter writer = new(new FileStream(record, FileMode.Open)))
                await writer.WriteAsync(text.Replace($"\"{Environment.MachineName}\"", $"\"{owner}\"", StringComparison.Ordinal));
            // Any writer of the share may have written the name. No program gets the name before this host knows it.
            (await b.RunAsync("takeover", Uri, "--fence", "/bin/sh", "--", "-c", "exit 0")).AssertFailed($"names {owner}", "is no host of", "zone hosts");
            await AssertKeptAsync(A);
            string id = (await A.RunCheckedAsync("hosts")).Split(' ')[0];
            await File.WriteAllTextAsync(b.Paths.KnownHosts, $"{id} {owner}\n", TestContext.Current.CancellationToken);
            (await b.RunAsync("takeover", Uri, "--fence", "false")).AssertFailed("the fence failed", $"{owner} may be alive");
            (await b.RunAsync("takeover", Uri, "--fence", "no-such-agent")).AssertFailed("no-such-agent");
            (await b.RunAsync("takeover", Uri, "--fence", "/bin/sh", "--", "-c", "echo \"was told of $LOFIZONE_OWNER\" >&2; exit 1")).AssertFailed($"was told of {owner}", $"{owner} may be alive");
            Assert.Contains(owner, await b.RunCheckedAsync("list", "--share", nas.Share), StringComparison.Ordinal);
            Assert.Null(await b.StateAsync("web"));
            await AssertKeptAsync(A);

            CommandResult taken = await b.RunAsync("takeover", "--now", Uri);
            Assert.True(taken.Succeeded, taken.ToString());
            await AssertKeptAsync(b);
            await AssertGivesWayAsync(b);
        });
    }

    /// <summary>
    /// Asserts that A's zone is stopped without a command, that every command names the zone's host, and that no trace is left. Then the
    /// zone comes back.
    /// </summary>
    private async Task AssertGivesWayAsync(TestHost b)
    {
        await A.WaitAsync(async () => await A.StateAsync("web") is "fenced" or "installed" or "configured", "the old owner does not notice");
        CommandResult halt = await A.RunAsync("halt", "web");
        Assert.True(halt.Succeeded || halt.Error.Contains("is not running", StringComparison.Ordinal), halt.ToString());
        await A.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(A.Paths, "web"));
        CommandResult boot = await A.RunAsync("boot", "web");
        Assert.False(boot.Succeeded);
        Assert.Contains("taken over by", boot.Error, StringComparison.Ordinal);

        await b.RunCheckedAsync("halt", "web");
        await b.RunCheckedAsync("detach", "web");
        await A.RunCheckedAsync("attach", "web");
    }

    private static async Task AssertKeptAsync(TestHost host)
    {
        Assert.Equal("running", await host.StateAsync("web"));
        string kept = "";
        // An init that has just started may not accept a login yet.
        await host.WaitAsync(async () => (kept = (await host.RunAsync("login", "web", "--", "/bin/cat", "/root/kept")).Output.Trim()).Length > 0, "nobody can log in");
        Assert.Equal("kept", kept);
    }

    private async Task WithRunningZoneAsync(Func<TestHost, ProcessIdentity, Task> test)
    {
        await using TestHost b = await TestHost.SecondAsync();
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "400m", "--boot");
        try
        {
            await A.RunCheckedAsync("login", "web", "--", "/bin/sh", "-c", "echo kept > /root/kept; sync /root/kept");
            await test(b, Assert.Single(A.Devices.List()).Engine!);
        }
        finally
        {
            foreach (TestHost host in new[] { b, A })
            {
                await host.RunAsync("halt", "--force", "web");
                await host.RunAsync("delete", "-F", "web");
            }
        }
    }
}
