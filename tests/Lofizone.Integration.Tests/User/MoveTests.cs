using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.User;

/// <summary><c>zone move</c> from host to host over a real sshd, with the zone on a real NFS server.</summary>
public sealed class MoveTests(NasHost nas) : IClassFixture<NasHost>
{
    private const string There = SshServer.Name;

    private TestHost A => nas.Host;

    [Fact]
    public async Task A_running_zone_moves_and_comes_back_with_its_data_and_a_dry_run_changes_nothing()
    {
        await using TestHost b = new();
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
            TestContext.Current.TestOutputHelper?.WriteLine(moved.ToString());
            Assert.Matches(@"web: runs on there; \d+\.\d\d s between its shutdown \(\d+\.\d\d s\) and its start: halt .* s, detach .* s, attach .* s, boot .* s", moved.Output);
            Assert.Equal("configured", await A.StateAsync("web"));
            Assert.Equal("kept", (await b.RunCheckedAsync("login", "web", "--", "cat", "/root/kept")).Trim());
            (await A.RunAsync("boot", "web")).AssertRefused("can't be booted", "zone attach web");
            (await A.RunAsync("move", "web", There, "--ssh", toB.Ssh)).AssertRefused("must be installed or running");

            await MoveAsync(b, toA);
            Assert.Equal("kept", (await A.RunCheckedAsync("login", "web", "--", "cat", "/root/kept")).Trim());
            await b.RunCheckedAsync("delete", "-F", "web");
        });
        await b.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(b.Paths, "web"));
    }

    private static async Task<CommandResult> MoveAsync(TestHost from, SshServer to, params string[] more)
    {
        CommandResult result = await from.RunAsync(["move", "web", There, "--ssh", to.Ssh, .. more]);
        Assert.True(result.Succeeded, result.ToString());
        return result;
    }

    /// <summary>The zone web up on A, with something in it, for the time of a test that leaves it there.</summary>
    private async Task WithRunningZoneAsync(Func<Task> test)
    {
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "500m", "--boot");
        await A.RunCheckedAsync("login", "web", "--", "/bin/sh", "-c", "echo kept > /root/kept; sync");
        await test();
        await A.RunAsync("halt", "web");
        await A.RunCheckedAsync("delete", "-F", "web");
        Assert.Empty(Directory.GetFileSystemEntries(nas.ShareDirectory));
        await A.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(A.Paths, "web"));
    }
}
