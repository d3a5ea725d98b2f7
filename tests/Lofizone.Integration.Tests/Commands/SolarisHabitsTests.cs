using System.Text.Json;
using System.Text.Json.Nodes;
using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>Commands that users of Solaris type, and output that their scripts parse.</summary>
public sealed class SolarisHabitsTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task Listings_show_running_installed_or_all_zones()
    {
        await Host.RunCheckedAsync("zonecfg", "-z", "later", $"create; set zonepath={Host.Root}/zones/later; commit");
        try
        {
            Assert.Equal(["global"], Lines(await Host.RunCheckedAsync("zoneadm", "list")));
            Assert.Equal(["global", "web"], Lines(await Host.RunCheckedAsync("zoneadm", "list", "-i")));
            Assert.Equal(["global", "later", "web"], Lines(await Host.RunCheckedAsync("zoneadm", "list", "-c")));
            Assert.Equal(["later", "web"], Lines(await Host.RunCheckedAsync("zoneadm", "list", "-cn")));
            Assert.Equal(Lines(await Host.RunCheckedAsync("zoneadm", "list", "-cv")), Lines(await Host.RunCheckedAsync("zoneadm", "list", "-civ")));
            string[] verbose = Lines(await Host.RunCheckedAsync("zoneadm", "list", "-cv"));
            Assert.Equal("  ID NAME             STATUS     PATH                           BRAND    IP", verbose[0]);
            Assert.Equal("   0 global           running    /                              native   shared", verbose[1]);
            Assert.Equal($"   - {"later",-16} {"configured",-10} {Host.Root + "/zones/later",-30} native   excl", verbose[2]);
            string[] fields = Lines(await Host.RunCheckedAsync("zoneadm", "-z", "web", "list", "-p"))[0].Split(':');
            Assert.Equal(["-", "web", "installed", $"{Host.Root}/zones/web"], fields[..4]);
            Assert.True(Guid.TryParse(fields[4], out _));
            Assert.Equal(["native", "excl"], fields[5..]);
            const string Unknown = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
            Assert.Equal("web\n", await Host.RunCheckedAsync("zoneadm", "-u", fields[4], "list"));
            Assert.Equal("web\n", await Host.RunCheckedAsync("zoneadm", "-u", fields[4], "-z", "later", "list"));
            Assert.Equal("later\n", await Host.RunCheckedAsync("zoneadm", "-z", "later", "-u", Unknown, "list"));
            (await Host.RunAsync("zoneadm", "-u", Unknown, "boot")).AssertRefused("no zone of this host has the UUID");
            (await Host.RunAsync("zoneadm", "-z", "web", "list", "-c")).AssertWrongUsage("-c and -i choose zones by their state");
            Assert.Equal("0:global:running:/::native:shared", Lines(await Host.RunCheckedAsync("zoneadm", "list", "-p"))[0]);
            (await Host.RunAsync("zoneadm", "-z", "later", "boot")).AssertRefused("must be installed before boot", "zoneadm -z later install");
            (await Host.RunAsync("zoneadm", "-z", "later", "install")).AssertRefused("no file system is mounted at the zonepath", "rootimage");
        }
        finally
        {
            await Host.RunCheckedAsync("zonecfg", "-z", "later", "delete", "-F");
        }
    }

    [Fact]
    public async Task A_configuration_comes_from_one_argument_a_file_or_another_zones_export()
    {
        string path = Path.Combine(Host.Root, "zones"), file = Path.Combine(Host.Root, "commands");
        await Host.RunCheckedAsync("zonecfg", "-z", "one", $"create; set zonepath={path}/one; add net; set physical=br0; set address=192.0.2.9/24; set defrouter=192.0.2.1; end; add attr; set name=comment; set type=string; set value=\"two words; and more\"; end");
        string export = await Host.RunCheckedAsync("zonecfg", "-z", "one", "export");
        await File.WriteAllTextAsync(file, export.Replace("/one", "/two", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await Host.RunCheckedAsync("zonecfg", "-z", "two", "-f", file);
        CommandResult piped = await Host.RunAsync(export.Replace("/one", "/three", StringComparison.Ordinal), [], "zonecfg", "-z", "three", "-f", "-");
        Assert.True(piped.ExitCode == 0, piped.ToString());
        foreach (string name in new[] { "two", "three" })
        {
            Assert.Equal(export.Replace("/one", "/" + name, StringComparison.Ordinal), await Host.RunCheckedAsync("zonecfg", "-z", name, "export"));
            string info = await Host.RunCheckedAsync("zonecfg", "-z", name, "info");
            Assert.Contains($"zonepath: {path}/{name}", info, StringComparison.Ordinal);
            Assert.Contains("two words; and more", info, StringComparison.Ordinal);
        }

        CommandResult shared = await Host.RunAsync("zonecfg", "-z", "four", $"create; set zonepath={path}/one; commit");
        shared.AssertFailed("is that of zone one already");
        CommandResult wrong = await Host.RunAsync("create\nset zonepath=relative\ncommit\n", [], "zonecfg", "-z", "four", "-f", "-");
        wrong.AssertFailed("On line 2", "relative");
        Assert.Null(await Host.StateAsync("four"));
        (await Host.RunAsync("zonecfg", "-z", "one", "delete")).AssertFailed("-F");
        foreach (string name in new[] { "one", "two", "three" })
            await Host.RunCheckedAsync("zonecfg", "-z", name, "delete", "-F");
    }

    [Fact]
    public async Task Listings_for_programs_parse()
    {
        string uri = $"{zone.Share}/web/root.img";
        await Host.RunCheckedAsync("lofiadm", "-a", uri);
        try
        {
            using JsonDocument devices = JsonDocument.Parse(await Host.RunCheckedAsync("lofiadm", "--json"));
            JsonElement device = Assert.Single(devices.RootElement.EnumerateArray());
            Assert.Equal((uri, "Ok", 1L << 30), (device.GetProperty("file").GetString(), device.GetProperty("health").GetString(), device.GetProperty("sizeBytes").GetInt64()));
            // A colon in a field is escaped. The line has seven fields, and one field is the URI.
            string line = Lines(await Host.RunCheckedAsync("lofiadm", "-p")).Single();
            string[] fields = line.Replace("\\:", "\n", StringComparison.Ordinal).Split(':');
            Assert.Equal(7, fields.Length);
            Assert.Equal(uri, fields[1].Replace('\n', ':'));
            (await Host.RunAsync("boot", "web")).AssertRefused("already attached as", "lofiadm -d");
        }
        finally
        {
            await Host.RunCheckedAsync("lofiadm", "-d", uri);
        }

        using JsonDocument zones = JsonDocument.Parse(await Host.RunCheckedAsync("list", "--json"));
        JsonElement web = Assert.Single(zones.RootElement.EnumerateArray());
        Assert.Equal(("web", "installed", zone.Share), (web.GetProperty("name").GetString(), web.GetProperty("state").GetString(), web.GetProperty("share").GetString()));
        string[] listed = Lines(await Host.RunCheckedAsync("list", "-p")).Single().Replace("\\:", "\n", StringComparison.Ordinal).Split(':');
        Assert.Equal(["-", "web", "installed"], listed[..3]);
        Assert.Equal(zone.Share, listed[^1].Replace('\n', ':'));
        using JsonDocument df = JsonDocument.Parse(await Host.RunCheckedAsync("df", "--json"));
        Assert.InRange(Assert.Single(df.RootElement.EnumerateArray()).GetProperty("totalBytes").GetInt64(), 1, long.MaxValue);
    }

    [Fact]
    public async Task The_manifest_of_detach_alone_tells_whether_a_zone_could_be_attached()
    {
        string manifest = await Host.RunCheckedAsync("zoneadm", "-z", "web", "detach", "-n");
        string file = Path.Combine(Host.Root, "manifest");
        await File.WriteAllTextAsync(file, manifest, TestContext.Current.CancellationToken);
        Assert.Contains("can be attached here", await Host.RunCheckedAsync("zoneadm", "-z", "unknown", "attach", "-n", file), StringComparison.Ordinal);
        CommandResult piped = await Host.RunAsync(manifest, [], "zoneadm", "-z", "web", "attach", "-n", "-");
        Assert.True(piped.Succeeded && piped.Output.Contains("can be attached here", StringComparison.Ordinal), piped.ToString());
        JsonObject other = JsonNode.Parse(manifest)!.AsObject();
        other["architecture"] = "vax";
        (await Host.RunAsync(other.ToJsonString(), [], "zoneadm", "-z", "web", "attach", "-n", "-")).AssertFailed("does not fit this system");
        (await Host.RunAsync("{ no manifest", [], "zoneadm", "-z", "web", "attach", "-n", "-")).AssertFailed("standard input");
        (await Host.RunAsync("zoneadm", "-z", "web", "attach", "-n", file, "-F")).AssertWrongUsage("exclude each other");
        Assert.Equal("installed", await Host.StateAsync("web"));
        // Nobody has taken the zone from this host, so a takeover leaves it as it is.
        Assert.Contains("is this host's already", await Host.RunCheckedAsync("zoneadm", "-z", "web", "attach", "-x", "force-takeover"), StringComparison.Ordinal);
        Assert.Equal("installed", await Host.StateAsync("web"));
    }

    [Fact]
    public async Task Explain_shows_a_zone_that_is_installed_and_one_that_is_only_configured()
    {
        string installed = await Host.RunCheckedAsync("explain", "web");
        Assert.Contains("state installed", installed, StringComparison.Ordinal);
        Assert.Contains($"image {zone.Share}/web/root.img", installed, StringComparison.Ordinal);
        Assert.Contains("size 1.0 GiB", installed, StringComparison.Ordinal);
        await Host.RunCheckedAsync("zonecfg", "-z", "plan", $"create; set zonepath={Host.Root}/zones/plan; add rootimage; set storage={zone.Share}; set size=1g; set fstype=ext4; end");
        try
        {
            string configured = await Host.RunCheckedAsync("explain", "plan");
            Assert.Contains("state configured", configured, StringComparison.Ordinal);
            Assert.Contains($"image {zone.Share}/plan/root.img", configured, StringComparison.Ordinal);
        }
        finally
        {
            await Host.RunCheckedAsync("zonecfg", "-z", "plan", "delete", "-F");
        }
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
