using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Moving;

/// <summary><c>zone evacuate</c> to two hosts, and back.</summary>
public sealed class EvacuateTests(NasHost nas) : IClassFixture<NasHost>
{
    private TestHost A => nas.Host;

    [Fact]
    public async Task Zones_are_spread_over_two_targets_one_that_can_not_go_stays_and_all_come_home()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await using TestHost c = await TestHost.SecondAsync();
        await using SshServer toB = await SshServer.StartAsync(b, "b");
        await using SshServer toC = await SshServer.StartAsync(c, "c");
        string ssh = await SshServer.CombineAsync(toB, toC);
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "500m", "--boot");
        await A.RunCheckedAsync("create", "db", nas.Share, "--size", "500m");
        await A.RunCheckedAsync("zonecfg", "-z", "db", "add net; set physical=nosuchbridge; end; commit");

        IReadOnlyList<string> before = [.. Leavings.Of(A, nas.ShareDirectory), .. Leavings.Of(b), .. Leavings.Of(c)];
        CommandResult dry = await A.RunAsync("evacuate", "-n", "--to", "b", "c", SshServer.Unreachable, "--ssh", ssh);
        dry.AssertFailed("nobody: can't be reached", "zone db: no target can take it", "nosuchbridge");
        Assert.Equal([["web", "running", "b", "can"], ["db", "installed", "-", "no"]], Rows(dry));
        Assert.Equal(before, [.. Leavings.Of(A, nas.ShareDirectory), .. Leavings.Of(b), .. Leavings.Of(c)]);
        Assert.Contains("no zone is away", await A.RunCheckedAsync("evacuate", "--back"), StringComparison.Ordinal);

        CommandResult first = await A.RunAsync("evacuate", "--to", "b", "c", "--ssh", ssh);
        first.AssertFailed("zone db: no target can take it");
        Assert.Equal("running", await b.StateAsync("web"));
        Assert.Equal("installed", await A.StateAsync("db"));

        await A.RunCheckedAsync("zonecfg", "-z", "db", "remove net physical=nosuchbridge; commit");
        await File.WriteAllTextAsync(A.Paths.Neighbours, "# those beside\nb\nc\n", TestContext.Current.CancellationToken);
        CommandResult second = await A.RunAsync("evacuate", "--ssh", ssh);
        Assert.True(second.Succeeded, second.ToString());
        Assert.Equal([["db", "installed", "c", "moved"]], Rows(second));
        Assert.Equal("installed", await c.StateAsync("db"));

        CommandResult dryBack = await A.RunAsync("evacuate", "--back", "-n", "--ssh", ssh);
        Assert.Equal([["web", "running", "b", "can"], ["db", "installed", "c", "can"]], Rows(dryBack));
        CommandResult back = await A.RunAsync("evacuate", "--back", "--ssh", ssh);
        Assert.True(back.Succeeded, back.ToString());
        Assert.Equal([["web", "running", "b", "is"], ["db", "installed", "c", "is"]], Rows(back));
        Assert.Equal("running", await A.StateAsync("web"));
        Assert.Equal("installed", await A.StateAsync("db"));
        Assert.False(File.Exists(A.Paths.Evacuated));

        await A.RunCheckedAsync("halt", "web");
        await A.RunCheckedAsync("delete", "-F", "web");
        await A.RunCheckedAsync("delete", "-F", "db");
        foreach (TestHost host in new[] { A, b, c })
        {
            await host.WaitUntilSettledAsync("web");
            Assert.Empty(HostTraces.Find(host.Paths, "web", "db"));
        }
    }

    /// <summary>The rows of the table at the end: name, state, host, and the result's first word.</summary>
    private static string[][] Rows(CommandResult result) =>
    [
        .. result.Output.Split('\n').SkipWhile(l => !l.StartsWith("ZONE ", StringComparison.Ordinal)).Skip(1).Where(l => l.Length > 0)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..4]),
    ];
}
