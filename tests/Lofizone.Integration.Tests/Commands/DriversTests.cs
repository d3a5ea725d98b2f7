using System.Text.RegularExpressions;
using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>
/// The commands that public drivers of zones issue, and what the drivers take from the output: Puppet's zone_core, Ansible's connection
/// community.general.zone, Salt's module zoneadm, Facter's facts about zones.
/// </summary>
public sealed partial class DriversTests(TinyRunningZone zone) : IClassFixture<TinyRunningZone>
{
    private TestHost Host => zone.Host;

    /// <summary>Puppet splits a line at its colons: id, name, ensure, path, uuid, brand, iptype. An id of - is none.</summary>
    [Fact]
    public async Task Puppet_configures_lists_and_changes_the_state_of_a_zone()
    {
        string path = Path.Combine(Host.Root, "zones/puppet");
        // Puppet pipes the commands to zonecfg -f -, and looks for a failure and for the words "not allowed".
        CommandResult configured = await Host.RunAsync($"create -b \nset zonepath={path}\nset autoboot=false\ncommit\nexit\n", [], "zonecfg", "-z", "puppet", "-f", "-");
        Assert.True(configured.Succeeded && !configured.Output.Contains("not allowed", StringComparison.Ordinal), configured.ToString());
        string[][] lines = [.. Lines(await Host.RunCheckedAsync("zoneadm", "list", "-cp")).Select(l => l.Split(':'))];
        Assert.All(lines, l => Assert.Equal(7, l.Length));
        Assert.Equal(["0", "global", "running", "/", "", "native", "shared"], lines[0]);
        Assert.Equal(("-", "configured", path, "excl"), lines.Where(l => l[1] == "puppet").Select(l => (l[0], l[2], l[3], l[6])).Single());
        Assert.Equal("running", lines.Single(l => l[1] == "web")[2]);
        // zoneadm -z NAME list -p: one line, or a failure for a zone that there is not.
        Assert.Equal("puppet", Assert.Single(Lines(await Host.RunCheckedAsync("zoneadm", "-z", "puppet", "list", "-p"))).Split(':')[1]);
        Assert.NotEqual(0, (await Host.RunAsync("zoneadm", "-z", "absent", "list", "-p")).ExitCode);
        // zonecfg info: NAME: VALUE in one line.
        Dictionary<string, string> info = InfoLine().Matches(await Host.RunCheckedAsync("zonecfg", "-z", "puppet", "info")).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        Assert.Equal((path, "false"), (info["zonepath"], info["autoboot"]));
        await Host.RunCheckedAsync("zonecfg", "-z", "puppet", "delete", "-F");
        Assert.Null(await Host.StateAsync("puppet"));
    }

    /// <summary>Ansible takes the second field of list -ip, and gives zlogin one string. Files go through dd.</summary>
    [Fact]
    public async Task Ansible_finds_the_zone_runs_strings_and_transfers_files()
    {
        Assert.Contains("web", Lines(await Host.RunCheckedAsync("zoneadm", "list", "-ip")).Select(l => l.Split(':')[1]).Where(n => n != "global"));
        string root = Lines(await Host.RunCheckedAsync("zoneadm", "-z", "web", "list", "-p"))[0].Split(':')[3] + "/root";
        Assert.True(File.Exists(Path.Combine(root, "bin/busybox")));
        Assert.Equal("/root\n", await Host.RunCheckedAsync("zlogin", "web", "/bin/sh -c 'echo ~ && sleep 0'"));
        CommandResult failed = await Host.RunAsync("zlogin", "web", "/bin/sh -c 'echo told >&2; exit 9'");
        Assert.Equal((9, "", "told\n"), (failed.ExitCode, failed.Output, failed.Error));
        string content = string.Concat(Enumerable.Repeat("line with 'quotes' and $words\n", 5000));
        CommandResult put = await Host.RunAsync(content, [], "zlogin", "web", "dd of='/tmp/a b' bs=65536");
        Assert.True(put.Succeeded, put.ToString());
        Assert.Equal(content, await Host.RunCheckedAsync("zlogin", "web", "dd if='/tmp/a b' bs=65536"));
        Assert.True((await Host.RunAsync("", [], "zlogin", "web", "dd of=/tmp/empty bs=65536 count=0")).Succeeded);
        Assert.Equal("", await Host.RunCheckedAsync("zlogin", "web", "dd if=/tmp/empty bs=65536"));
        // Pipelining: the module's text is the input of an interpreter.
        Assert.Equal("from input\n", (await Host.RunAsync("echo from input\n", [], "zlogin", "web", "/bin/sh -c '/bin/sh && sleep 0'")).Output);
    }

    /// <summary>Salt reads zoneid:zonename:state:zonepath:uuid:brand:ip-type, and names zones by -z or by -u.</summary>
    [Fact]
    public async Task Salt_lists_zones_and_takes_one_through_its_states_by_name_and_by_UUID()
    {
        Assert.Equal("global\n", await Host.RunCheckedAsync("zonename"));
        string[] line = Lines(await Host.RunCheckedAsync("zoneadm", "list", "-p", "-c")).Select(l => l.Split(':')).Single(l => l[1] == "web");
        Assert.Equal(("running", 36), (line[2], line[4].Length));
        string uuid = line[4];
        try
        {
            foreach (string[] words in (string[][])[["-z", "web", "halt"], ["-u", uuid, "ready"], ["-u", uuid, "boot"], ["-z", "web", "verify"], ["-u", uuid, "shutdown", "-r", "--", "-s"], ["-z", "web", "shutdown"]])
                await Host.RunCheckedAsync(["zoneadm", .. words]);
            CommandResult refused = await Host.RunAsync("zoneadm", "-u", uuid, "halt");
            // Salt shows what stands behind "zoneadm: ".
            Assert.StartsWith("zoneadm: web: is not running", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            await Host.RunAsync("zoneadm", "-z", "web", "boot");
        }
    }

    /// <summary>Facter counts the lines of list -cp, and makes a fact of each field.</summary>
    [Fact]
    public async Task Facter_has_facts_of_each_zone()
    {
        string[][] facts = [.. Lines(await Host.RunCheckedAsync("zoneadm", "list", "-cp")).Select(l => l.Split(':'))];
        string[] web = facts.Single(f => f[1] == "web");
        Assert.True(int.TryParse(web[0], out int id) && id > 0);
        Assert.Equal(("running", Host.Paths.ZonePath("web"), "native", "excl"), (web[2], web[3], web[5], web[6]));
        Assert.True(Guid.TryParse(web[4], out _));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^(\S+):[ \t]*(\S+)$", RegexOptions.Multiline)]
    private static partial Regex InfoLine();
}
