using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Names, zonepaths and marks of zones that are not up.</summary>
public sealed class RenameTests(StandInNas nas) : IAsyncDisposable
{
    private readonly TestHost _host = new();

    /// <summary>The points at which these tests kill.</summary>
    public static TheoryData<string> Points =>
    [
        .. KillPoints.Before(ZoneOperation.Rename), .. KillPoints.Before(ZoneOperation.UndoRename), .. KillPoints.Before(ZoneOperation.EndRename),
        .. KillPoints.Before(ZoneOperation.MovePath),
    ];

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("dir")]
    [InlineData("nfs")]
    public async Task A_zone_has_its_new_name_here_and_on_its_share(string kind)
    {
        (string uri, string directory) = kind == "nfs"
            ? await nas.MakeShareAsync()
            : ("dir:" + Directory.CreateDirectory(Path.Combine(_host.Root, "share")).FullName, Path.Combine(_host.Root, "share"));
        TinyZones tiny = new(_host, directory, uri);
        await tiny.AddAsync("web", init: null);
        await tiny.AddAsync("there", init: null);
        // The server squashes root.
        await TestProgram.RunAsync("chown", "-R", "65534:65534", directory);
        await _host.RunCheckedAsync("boot", "web");
        (await _host.RunAsync("rename", "web", "shop")).AssertRefused("is running and can't be renamed", "zone halt web");
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "halt");
        await _host.WaitUntilSettledAsync("web");
        (await _host.RunAsync("rename", "web", "there")).AssertRefused("there: zone exists already (installed)");
        (await _host.RunAsync("rename", "web", "web")).AssertRefused("has that name already");
        Directory.CreateDirectory(Path.Combine(directory, "taken"));
        (await _host.RunAsync("rename", "web", "taken")).AssertRefused("taken exists already on the share");
        Assert.Equal(["taken", "there", "web"], Directory.GetDirectories(directory).Select(d => Path.GetFileName(d)!).Order());

        await _host.RunCheckedAsync("zoneadm", "-z", "web", "rename", "shop");

        Assert.Equal("installed", await _host.StateAsync("shop"));
        Assert.Null(await _host.StateAsync("web"));
        Assert.Equal(["shop", "taken", "there"], Directory.GetDirectories(directory).Select(d => Path.GetFileName(d)!).Order());
        Assert.True(File.Exists(Path.Combine(_host.Paths.Log, "shop/console.log")));
        Assert.False(Directory.Exists(Path.Combine(_host.Paths.Log, "web")));
        await _host.RunCheckedAsync("boot", "shop");
        Assert.Equal("shop", (await _host.RunCheckedAsync("login", "shop", "--", "cat", "/proc/sys/kernel/hostname")).Trim());
        await _host.RunCheckedAsync("halt", "shop", "--now");
        (await _host.RunAsync("boot", "web")).AssertRefused("No such zone configured");
    }

    /// <summary>Kills renames of one zone each before every step, and looks at what the next command on either name does.</summary>
    [Fact]
    public async Task A_killed_rename_is_undone_by_the_old_name_until_the_new_one_exists_and_finished_from_then_on()
    {
        string[] points = [.. KillPoints.Before(ZoneOperation.Rename)];
        string[] zones = [.. points.Select((_, i) => $"z{i}")];
        TinyZones tiny = new(_host);
        await tiny.AddAsync("base", init: null);
        await tiny.CloneAsync("base", zones);
        int exists = Array.FindIndex(points, p => p.Contains("/index/", StringComparison.Ordinal)) + 1;

        await Task.WhenAll(zones.Zip(points, (zone, point) => KillAsync(point, "rename", zone, "new-" + zone)));
        // What ends a killed rename is killed, too, at each of its steps.
        string[] undo = [.. KillPoints.Before(ZoneOperation.UndoRename)], end = [.. KillPoints.Before(ZoneOperation.EndRename)];
        await Task.WhenAll(undo.Select((point, i) => KillAsync(point, "ready", zones[exists - 1 - i])));
        await Task.WhenAll(end.Select((point, i) => KillAsync(point, "ready", "new-" + zones[exists + i])));

        for (int i = 0; i < zones.Length; i++)
        {
            if (i < exists)
            {
                await _host.RunCheckedAsync("uninstall", "-F", zones[i]);
                Assert.Equal((points[i], "configured", null), (points[i], await _host.StateAsync(zones[i]), await _host.StateAsync("new-" + zones[i])));
                continue;
            }

            // The last zones' killed renames have forgotten the old name already.
            CommandResult old = await _host.RunAsync("ready", zones[i]);
            Assert.True(old.Error.Contains($"an interrupted rename was finished; the zone is new-{zones[i]} now", StringComparison.Ordinal) || old.Error.Contains("No such zone", StringComparison.Ordinal), old.ToString());
            await _host.RunCheckedAsync("uninstall", "-F", "new-" + zones[i]);
            Assert.Equal((points[i], "configured", null), (points[i], await _host.StateAsync("new-" + zones[i]), await _host.StateAsync(zones[i])));
        }
    }

    [Fact]
    public async Task A_zone_is_moved_to_another_zonepath_and_a_killed_move_is_one_or_the_other()
    {
        TinyZones tiny = new(_host);
        await tiny.AddAsync("web", init: null);
        string old = _host.Paths.ZonePath("web"), now = Path.Combine(_host.Root, "other/web");
        Directory.CreateDirectory(old);
        string[] points = [.. KillPoints.Before(ZoneOperation.MovePath)];
        await KillAsync(points[0], "zoneadm", "-z", "web", "move", now);
        Assert.Equal(old, await PathAsync());
        await KillAsync(points[1], "zoneadm", "-z", "web", "move", now);
        Assert.Equal(now, await PathAsync());
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "move", old);
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "move", now);
        Assert.False(Directory.Exists(old));
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "ready");
        Assert.True(File.Exists(Path.Combine(now, "root/bin/busybox")));
        (await _host.RunAsync("zoneadm", "-z", "web", "move", old)).AssertRefused("is ready and can't be moved");
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "halt");
        (await _host.RunAsync("zoneadm", "-z", "web", "move", "/etc/x")).AssertRefused("/etc/x");
        (await _host.RunAsync("zoneadm", "-z", "web", "move", now)).AssertRefused("is its zonepath already");
    }

    [Fact]
    public async Task A_zone_that_is_marked_incomplete_is_listed_as_installed_ones_and_only_uninstall_leads_on()
    {
        await new TinyZones(_host).AddAsync("web", init: null);
        (await _host.RunAsync("zoneadm", "-z", "web", "mark", "unavailable")).AssertWrongUsage("while its share is away");
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "mark", "incomplete");
        Assert.Equal("incomplete", await _host.StateAsync("web"));
        Assert.Equal("web\n", await _host.RunCheckedAsync("zoneadm", "list", "-in"));
        (await _host.RunAsync("zoneadm", "-z", "web", "boot")).AssertRefused("must be installed before boot");
        (await _host.RunAsync("rename", "web", "shop")).AssertRefused("is incomplete and can't be renamed");
        await _host.RunCheckedAsync("zoneadm", "-z", "web", "uninstall", "-F");
        Assert.Equal("configured", await _host.StateAsync("web"));
        (await _host.RunAsync("zoneadm", "-z", "web", "mark", "incomplete")).AssertRefused("only an installed zone");
        Assert.Contains("another zonepath", await _host.RunCheckedAsync("zoneadm", "help", "move"), StringComparison.Ordinal);
        Assert.Contains("shutdown", await _host.RunCheckedAsync("zoneadm", "help"), StringComparison.Ordinal);
        (await _host.RunAsync("zoneadm", "help", "frob")).AssertWrongUsage("frob: no such command");
    }

    private async Task<string> PathAsync() => (await _host.RunCheckedAsync("zoneadm", "-z", "web", "list", "-p")).Split(':')[3];

    private async Task KillAsync(string point, params string[] words)
    {
        CommandResult killed = await _host.RunKilledAsync(point, words);
        Assert.True(killed.WasKilled, $"{point} was not reached: {killed}");
    }
}
