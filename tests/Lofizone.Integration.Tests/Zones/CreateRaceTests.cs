using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Two hosts make a zone of one name on one share at the same time.</summary>
public sealed class CreateRaceTests(NasHost nas) : IClassFixture<NasHost>
{
    [Fact]
    public async Task Of_two_hosts_exactly_one_gets_the_name_and_the_other_removes_nothing()
    {
        await using TestHost other = new();
        TestHost[] hosts = [nas.Host, other];
        CommandResult[] ends = await Task.WhenAll(hosts.Select(h => h.RunAsync("create", "web", nas.Share)));
        int winner = Array.FindIndex(ends, e => e.ExitCode == 0);
        Assert.True(winner >= 0, string.Join('\n', ends.Select(e => e.ToString())));
        ends[1 - winner].AssertRefused("web exists already on the share", "choose another name");
        Assert.Equal("installed", await hosts[winner].StateAsync("web"));
        Assert.Null(await hosts[1 - winner].StateAsync("web"));
        Assert.Empty(Leavings.Of(hosts[1 - winner]));
        Assert.Equal(["home.json", "manifest.json", "root.img", "zone.json"], Directory.GetFiles(Path.Combine(nas.ShareDirectory, "web")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        await hosts[winner].RunCheckedAsync("boot", "web");
        await hosts[winner].RunCheckedAsync("halt", "web");
        await hosts[winner].RunCheckedAsync("delete", "web", "-F");
        Assert.Empty(Directory.GetFileSystemEntries(nas.ShareDirectory));
    }
}
