using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Moving;

/// <summary><c>zone move</c> from host to host over a real sshd, with the zone on a real NFS server.</summary>
public sealed class MoveTests(NasHost nas) : IClassFixture<NasHost>
{
    private const string There = SshServer.Name;

    private TestHost A => nas.Host;

    [Fact]
    public async Task A_running_zone_moves_and_comes_back_with_its_data_and_a_dry_run_changes_nothing()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await using SshServer toB = await SshServer.StartAsync(b);
        await using SshServer toA = await SshServer.StartAsync(A);
        await WithRunningZoneAsync(async () =>
        {
            IReadOnlyList<string> before = [.. Leavings.Of(A, nas.ShareDirectory), .. Leavings.Of(b)];
            CommandResult dry = await MoveAsync(A, toB, "-n");
            Assert.Contains($"web: can be moved to {There}", dry.Output, StringComparison.Ordinal);
            Assert.Equal(before, [.. Leavings.Of(A, nas.ShareDirectory), .. Leavings.Of(b)]);
            Assert.Equal("running", await A.StateAsync("web"));

            CommandResult moved = await MoveAsync(A, toB);
            Assert.Matches(@"web: runs on there; \d+\.\d\d s between its shutdown \(\d+\.\d\d s\) and its start: halt .* s, detach .* s, attach .* s, boot .* s", moved.Output);
            Assert.Equal("configured", await A.StateAsync("web"));
            Assert.Equal("kept", await KeptAsync(b));
            Assert.Matches("zone web: give to there: done\\n.* zone web: move: done", await A.ZonesLogAsync());
            Assert.Matches($"zone web: take from .*{Environment.MachineName}.*: done", await b.ZonesLogAsync());
            (await A.RunAsync("boot", "web")).AssertRefused("can't be booted", "zone attach web");
            (await TryAsync(A, toB)).AssertRefused("must be installed or running", "zone list --share");
            Assert.DoesNotContain("detached.json", Directory.EnumerateFiles(Path.Combine(nas.ShareDirectory, "web")).Select(Path.GetFileName));

            await MoveAsync(b, toA);
            Assert.Equal("kept", await KeptAsync(A));

            // A zone at rest is not booted on the other host.
            await A.RunCheckedAsync("halt", "web");
            await MoveAsync(A, toB);
            Assert.Equal("installed", await b.StateAsync("web"));
            await MoveAsync(b, toA);
            Assert.Equal("installed", await A.StateAsync("web"));
            await b.RunCheckedAsync("delete", "-F", "web");
        });
        await AssertNothingLeftAsync(b);
    }

    [Fact]
    public async Task A_target_that_can_not_have_the_zone_says_so_before_anything_stops()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await using SshServer toB = await SshServer.StartAsync(b);
        await using SshServer toA = await SshServer.StartAsync(A);
        await WithRunningZoneAsync(async () =>
        {
            string id = await IdAsync();
            (await TryAsync(A, toA)).AssertRefused("is on this very host", "another host");
            (await TryAsync(A, toB, "--share", $"dir:{b.Root}/nowhere")).AssertFailed(There, "nowhere");
            (await TryAsync(A, toB, "--program", "/nonexistent/zone")).AssertRefused("has no program /nonexistent/zone", "--program PATH");
            (await A.RunAsync("move", "web", SshServer.Unreachable, "--ssh", toB.Ssh)).AssertRefused("nobody: can't be reached", "Connection refused");
            Assert.Equal(2, (await A.RunAsync("move", "web", "-oProxyCommand=false")).ExitCode);

            await A.RunCheckedAsync("login", "web", "--", "sed", "-i", "/^Package: base-files$/,/^Version:/s/^Version: .*/Version: 0.0.1/", "/var/lib/dpkg/status");
            CommandResult older = await TryAsync(A, toB);
            older.AssertFailed("1 of its packages are older", "the same command with -u");
            Assert.Contains("there: \tbase-files (0.0.1)", older.Output, StringComparison.Ordinal);
            (await TryAsync(A, toB, "-n")).AssertFailed("1 of its packages are older");
            await MoveAsync(A, toB, "-n", "-F");

            // The files at the zonepath there do not belong to the zone.
            string taken = Directory.CreateDirectory(Path.Combine(b.Paths.Zones, "web/other")).FullName;
            (await TryAsync(A, toB, "-F")).AssertRefused("is not empty");
            Directory.Delete(taken);
            Assert.Equal(id, await IdAsync());
            await A.RunCheckedAsync("halt", "web");

            await A.RunCheckedAsync("zonecfg", "-z", "web", "add net; set physical=nosuchbridge; end; commit");
            CommandResult asked = await TryAsync(A, toB, "-F");
            asked.AssertRefused("asks for net physical=nosuchbridge", "--accept", "zone accept nfs://");
            Assert.Contains("there: \tnet physical=nosuchbridge", asked.Output, StringComparison.Ordinal);
            (await TryAsync(A, toB, "-F", "--accept")).AssertRefused("no interface nosuchbridge", "ip link add");
            Assert.Equal("installed", await A.StateAsync("web"));
            Assert.Null(await b.StateAsync("web"));
        });
        await AssertNothingLeftAsync(b);
    }

    [Fact]
    public async Task A_target_that_fails_after_the_halt_leaves_the_zone_running_where_it_was()
    {
        // Only on a host below a directory a test may put a program before the system's program.
        await using TestHost b = new();
        await using SshServer toB = await SshServer.StartAsync(b);
        await WithRunningZoneAsync(async () =>
        {
            await toB.ShadowAsync("crun", OnCreate("echo 'out of order' >&2; exit 1"));
            (await TryAsync(A, toB)).AssertFailed("web: not moved to there: there: ", "it runs on ");
            Assert.Equal("kept", await KeptAsync(A));
            await AssertNothingLeftAsync(b);
            Assert.Null(await b.StateAsync("web"));
            toB.Unshadow("crun");

            // The files have the same names and UUID, but are not the files that were given away.
            string copy = Path.Combine(b.Root, "copy");
            await TestProgram.RunAsync("cp", "-a", "--sparse=always", nas.ShareDirectory, copy);
            (await TryAsync(A, toB, "--share", "dir:" + copy)).AssertFailed("this is not the zone that was given away", "it runs on ");
            Assert.Equal("kept", await KeptAsync(A));
            Assert.Null(await b.StateAsync("web"));
        });
    }

    [Fact]
    public async Task A_connection_that_breaks_while_the_target_boots_leaves_the_zone_running_where_it_was()
    {
        // Only on a host below a directory a test may put a program before the system's program.
        await using TestHost b = new();
        await using SshServer toB = await SshServer.StartAsync(b);
        await WithRunningZoneAsync(async () =>
        {
            string reached = Path.Combine(toB.Bin, "reached");
            await toB.ShadowAsync("crun", OnCreate($"touch {reached}; while [ -e {reached} ]; do sleep 0.05; done; exit 1"));
            Task<CommandResult> move = TryAsync(A, toB);
            await b.WaitAsync(() => Task.FromResult(File.Exists(reached)), "the target does not boot the zone");
            await toB.BreakAsync();
            (await move).AssertFailed("web: not moved to there: there: the connection broke", "it runs on ");
            File.Delete(reached);
            Assert.Equal("kept", await KeptAsync(A));
            Assert.Null(await b.StateAsync("web"));
        });
        await AssertNothingLeftAsync(b);
    }

    /// <summary>Makes a crun that runs something else when it should make a container.</summary>
    private static string OnCreate(string instead) => $"for word; do if [ \"$word\" = create ]; then {instead}; fi; done\nexec /usr/bin/crun \"$@\"\n";

    private static Task<CommandResult> TryAsync(TestHost from, SshServer to, params string[] more) => from.RunAsync(["move", "web", There, "--ssh", to.Ssh, .. more]);

    private static async Task<CommandResult> MoveAsync(TestHost from, SshServer to, params string[] more)
    {
        CommandResult result = await TryAsync(from, to, more);
        Assert.True(result.Succeeded, result.ToString());
        return result;
    }

    private static async Task<string> KeptAsync(TestHost host) => (await host.RunCheckedAsync("login", "web", "--", "cat", "/root/kept")).Trim();

    private static async Task AssertNothingLeftAsync(TestHost host)
    {
        await host.WaitUntilSettledAsync("web");
        await host.WaitAsync(() => Task.FromResult(HostTraces.Find(host.Paths, "web").Count == 0), "something is left");
    }

    private async Task<string> IdAsync() => (await A.RunCheckedAsync("list", "-p")).Split(':')[0];

    /// <summary>Boots the zone web on A with content in it, for the time of a test that leaves the zone there.</summary>
    private async Task WithRunningZoneAsync(Func<Task> test)
    {
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "500m", "--boot");
        await A.RunCheckedAsync("login", "web", "--", "/bin/sh", "-c", "echo kept > /root/kept; sync /root/kept");
        try
        {
            await test();
        }
        catch
        {
            // The next test begins without the zone.
            await A.RunAsync("halt", "--force", "web");
            await A.RunAsync("delete", "-F", "web");
            throw;
        }

        if (await A.StateAsync("web") == "running")
            await A.RunCheckedAsync("halt", "web");
        await A.RunCheckedAsync("delete", "-F", "web");
        Assert.Empty(Directory.GetFileSystemEntries(nas.ShareDirectory));
        await AssertNothingLeftAsync(A);
    }
}
