using System.Text.Json.Nodes;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Ways to a zone's configuration (set, edit, a file, a UUID), and the properties that act on the zone's boot and end.</summary>
public sealed class ConfiguredZoneTests : IAsyncDisposable
{
    private readonly TestHost _host = new();
    private readonly TinyZones _zones;

    public ConfiguredZoneTests() => _zones = new TinyZones(_host);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_zone_boots_with_its_boot_arguments_and_is_killed_after_its_own_time_for_a_shutdown()
    {
        const string Deaf = "#!/bin/sh\ntrap '' USR2 TERM INT\nwhile :; do sleep 1000; done\n";
        await _zones.AddAsync("deaf", Deaf, ("bin/other", Deaf), ("bin/third", Deaf));
        await _host.RunCheckedAsync("set", "deaf", "bootargs=-i /bin/other", "shutdown-timeout=1");
        await _host.RunCheckedAsync("boot", "deaf");
        Assert.Equal("/bin/sh /bin/other", await InitAsync("deaf"));

        Assert.Contains("did not shut down within 1 s and was killed", (await _host.RunAsync("halt", "deaf")).ToString(), StringComparison.Ordinal);
        // The command's own arguments count more.
        await _host.RunCheckedAsync("zoneadm", "-z", "deaf", "boot", "--", "-i", "/bin/third");
        Assert.Equal("/bin/sh /bin/third", await InitAsync("deaf"));
        await _host.RunCheckedAsync("halt", "--force", "deaf");
    }

    [Fact]
    public async Task A_locked_zone_is_not_uninstalled_deleted_or_forgotten()
    {
        await _zones.AddAsync("kept", init: null);
        await _host.RunCheckedAsync("set", "kept", "locked=true");
        foreach (string[] command in (string[][])[["uninstall", "kept", "-F"], ["delete", "kept", "-F"], ["delete", "kept", "-F", "--forget"], ["zoneadm", "-z", "kept", "uninstall", "-F"]])
            (await _host.RunAsync(command)).AssertRefused("because its configuration has locked=true", "zonecfg -z kept 'set locked=false'");
        Assert.Equal("installed", await _host.StateAsync("kept"));
        await _host.RunCheckedAsync("set", "kept", "locked=false");
        await _host.RunCheckedAsync("delete", "kept", "-F");
    }

    [Fact]
    public async Task A_change_of_a_configuration_is_whole_or_not_at_all()
    {
        await _zones.AddAsync("web", init: null);
        string before = await ExportAsync();
        (await _host.RunAsync("set", "web", "max-lwps=100", "capped-memory.physical=1")).AssertFailed("capped-memory: physical: 1 is not from 16m to 1p");
        (await _host.RunAsync("set", "web", "max-lwps=100", "rootimage.size=1g")).AssertFailed("rootimage: size: cannot be changed while the zone is installed");
        (await _host.RunAsync("set", "web", "limitpriv=all")).AssertFailed("limitpriv: 'all' is not possible");
        Assert.Equal(before, await ExportAsync());

        string uuid = JsonNode.Parse(await _host.RunCheckedAsync("list", "--json"))!.AsArray().Single(z => (string)z!["name"]! == "web")!["uuid"]!.ToString();
        await _host.RunCheckedAsync("zonecfg", "-u", uuid, "set max-lwps=200; add rctl; set name=zone.cpu-shares; add value (priv=privileged,limit=9,action=none); end");
        string after = await ExportAsync();
        Assert.Contains("set cpu-shares=9\nset max-lwps=200\n", after, StringComparison.Ordinal);
        Assert.DoesNotContain("rctl", after, StringComparison.Ordinal);
        (await _host.RunAsync("zonecfg", "-u", Guid.NewGuid().ToString(), "info")).AssertFailed("no zone of this host has this UUID");

        // Another name renames the zone, here and on its share.
        await _host.RunCheckedAsync("zonecfg", "-z", "web", "set zonename=db; set max-lwps=250");
        Assert.Equal("installed", await _host.StateAsync("db"));
        Assert.True(File.Exists(Path.Combine(_host.Root, "tiny", "db", "root.img")));
        Assert.Contains("max-lwps: 250", await _host.RunCheckedAsync("zonecfg", "-z", "db", "info max-lwps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edited_configuration_is_taken_as_a_whole_and_a_broken_text_is_kept()
    {
        await _zones.AddAsync("web", init: null);
        await EditAsync("s/autoboot=false/autoboot=true/; $a set hostid=ab");
        Assert.Contains("set autoboot=true\nset hostid=000000ab\n", await ExportAsync(), StringComparison.Ordinal);

        string before = await ExportAsync();
        CommandResult broken = await RunEditorAsync("s/autoboot=true/autoboot=maybe/; $a set hostid=cd");
        broken.AssertFailed("autoboot: 'maybe' is not true or false", "nothing was changed; the text is kept in ");
        string kept = broken.Error.Split("the text is kept in ")[1].Split(':')[0];
        Assert.Contains("set hostid=cd", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(kept)!, recursive: true);
        Assert.Equal(before, await ExportAsync());

        async Task EditAsync(string script)
        {
            CommandResult result = await RunEditorAsync(script);
            Assert.True(result.Succeeded, result.ToString());
        }
    }

    [Fact]
    public async Task A_zone_is_made_from_a_file_of_commands_or_JSON_and_options_count_more()
    {
        string share = Directory.CreateDirectory(Path.Combine(_host.Root, "share")).FullName;
        string commands = Path.Combine(_host.Root, "plan.zonecfg"), json = Path.Combine(_host.Root, "plan.json");
        await File.WriteAllTextAsync(commands, $"create\nset max-lwps=300\nadd rootimage\nset storage=dir:{share}\nset size=1m\nend\n", TestContext.Current.CancellationToken);
        (await _host.RunAsync("create", "web", "--from", commands)).AssertFailed("rootimage: size: 1m is too small");
        await File.WriteAllTextAsync(
            json,
            $$"""{ "version": 2, "name": "any", "properties": { "max-lwps": 300 }, "rootimage": { "storage": "dir:{{share}}", "size": 16777216, "fstype": "ext4" } }""",
            TestContext.Current.CancellationToken);
        // The image is too small for brand native, so nothing is installed. The message shows that file and options were read.
        (await _host.RunAsync("create", "web", "--from", json, "--set", "max-lwps=1")).AssertFailed("max-lwps: 1 is not from 32 to");
        (await _host.RunAsync("create", "web", "--from", json, "--set", "capped-memory.physical=1p")).AssertFailed("an image of 16.0 MiB is too small");
        Assert.DoesNotContain("web", (await _host.StatesAsync()).Keys);
        (await _host.RunAsync("create", "web", "--from", Path.Combine(_host.Root, "none"))).AssertFailed("can't be read");
    }

    [Fact]
    public async Task A_detached_zone_is_configured_from_its_place_and_attached()
    {
        await _zones.AddAsync("web", init: null);
        await _host.RunCheckedAsync("set", "web", "max-lwps=200");
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "detach", "-F");
        await _host.RunCheckedAsync("zonecfg", "-z", "web", "delete -F");
        string place = Path.Combine(_host.Root, "tiny", "web");
        (await _host.RunAsync("zonecfg", "-z", "db", $"create -a {place}")).AssertFailed("is the place of zone web, not of db");
        Assert.Contains("max-lwps: (not set) -> 200", await _host.RunCheckedAsync("zonecfg", "-z", "web", $"create -a {place}"), StringComparison.Ordinal);
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "attach", "-F");
        Assert.Equal("installed", await _host.StateAsync("web"));
    }

    private Task<string> ExportAsync() => _host.RunCheckedAsync("zonecfg", "-z", "web", "export");

    /// <summary>Runs <c>zone edit</c> with sed as the editor.</summary>
    private async Task<CommandResult> RunEditorAsync(string script)
    {
        string editor = Path.Combine(_host.Root, "editor");
        await File.WriteAllTextAsync(editor, $"#!/bin/sh\nexec sed -i '{script}' \"$2\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(editor, (UnixFileMode)0b111_101_101);
        return await _host.RunAsync(null, ["env", "-u", "VISUAL", $"EDITOR={editor} --wait"], "edit", "web");
    }

    private async Task<string> InitAsync(string zone) =>
        (await _host.RunCheckedAsync("login", zone, "--", "/bin/cat", "/proc/1/cmdline")).Replace('\0', ' ').Trim();
}
