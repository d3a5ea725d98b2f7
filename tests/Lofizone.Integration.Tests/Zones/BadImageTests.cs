using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// An installed zone's files change without the host's knowledge. The boot refuses with one message, and works after the repair.
/// </summary>
public sealed class BadImageTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    /// <summary>A new mount namespace has a copy of every mount, so other tests' mounts would stay in use after their unmount.</summary>
    private const string LetGo = "awk '$1 ~ \"^/dev/loop\" { print $2 }' /proc/mounts | xargs -r umount -l; ";

    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_zone_that_exists_is_not_made_again()
    {
        byte[] before = await File.ReadAllBytesAsync(zone.Json, Cancellation);
        (await Host.RunAsync("create", "web", zone.Share)).AssertRefused("web: zone exists already (installed)", "zone delete web");
        Assert.Equal(before, await File.ReadAllBytesAsync(zone.Json, Cancellation));
    }

    [Fact]
    public async Task A_zone_of_another_host_on_the_share_is_left_alone()
    {
        await using TestHost other = new();
        (await other.RunAsync("create", "web", zone.Share)).AssertRefused("web exists already on the share", "choose another name");
        Assert.Null(await other.StateAsync("web"));
        Assert.True(File.Exists(zone.Image));
    }

    [Fact]
    public async Task An_image_that_is_gone_is_named()
    {
        string away = zone.Image + ".away";
        await SpoilAsync(() => Task.Run(() => File.Move(zone.Image, away)));
        try
        {
            await RefusedBootAsync("its image", "is gone", "put a copy of it back");
        }
        finally
        {
            await SpoilAsync(() => Task.Run(() => File.Move(away, zone.Image)));
        }
    }

    [Fact]
    public async Task An_image_smaller_than_its_file_system_is_not_mounted() => await WithImageAsync(
        () => TestProgram.RunAsync("truncate", "-s", "500m", zone.Image), "the image's end is missing", "restore the image");

    [Fact]
    public async Task An_image_without_a_file_system_is_not_mounted() => await WithImageAsync(
        () => TestProgram.RunAsync("dd", "if=/dev/zero", $"of={zone.Image}", "bs=1M", "count=8", "conv=notrunc", "status=none"), "no file system in this image", "restore the image");

    [Fact]
    public async Task An_image_in_use_by_another_host_is_refused_with_its_name()
    {
        await using TestHost other = new();
        string uri = $"{zone.Share}/web/root.img";
        await other.RunCheckedAsync("lofiadm", "-a", uri);
        await RefusedBootAsync("locked by host", Environment.MachineName, "owner since");
        (await other.RunAsync("lofiadm", "-a", uri)).AssertRefused("already attached as", "/dev/lofi/1");
        await other.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/1");
    }

    [Fact]
    public async Task A_broken_zone_json_on_the_share_refuses_the_boot_until_a_commit_mends_it()
    {
        await File.WriteAllTextAsync(zone.Json, "{\"version\": 1,", Cancellation);
        await RefusedBootAsync("zone.json: not a zone configuration", "zonecfg -z web commit");
        await Host.RunCheckedAsync("zonecfg", "-z", "web", "commit");
        await BootsAsync();
    }

    [Fact]
    public async Task A_changed_zone_json_on_the_share_does_not_command_this_host()
    {
        string json = await File.ReadAllTextAsync(zone.Json, Cancellation);
        await File.WriteAllTextAsync(zone.Json, json.Replace("\"autoboot\": false", "\"autoboot\": true", StringComparison.Ordinal), Cancellation);
        await RefusedBootAsync("is not the one this host accepted", "zonecfg -z web commit");
        await Host.RunCheckedAsync("zonecfg", "-z", "web", "commit");
        Assert.Equal(json, await File.ReadAllTextAsync(zone.Json, Cancellation));
    }

    [Fact]
    public async Task A_broken_file_of_the_host_is_named_and_hides_no_other_zone()
    {
        string file = Path.Combine(Host.Paths.ZoneIndex, "broken.json");
        await File.WriteAllTextAsync(file, "{\"version\": 1,", Cancellation);
        try
        {
            foreach (string[] list in (string[][])[["list"], ["zoneadm", "list", "-cv"], ["df"]])
            {
                CommandResult end = await Host.RunAsync(list);
                end.AssertRefused(file, "broken JSON", "mend the file");
                Assert.Contains(list is ["df"] ? zone.Share : "web", end.Output, StringComparison.Ordinal);
            }

            (await Host.RunAsync("boot", "broken")).AssertRefused(file, "broken JSON");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Without_crun_a_boot_names_the_package_that_brings_it()
    {
        // In a mount namespace of its own, /usr/bin has no crun. The change is not visible outside.
        string scratch = Directory.CreateDirectory(Path.Combine(Host.Root, "without-crun")).FullName;
        const string hide = "mount -t tmpfs tmpfs \"$1\" && mkdir \"$1/up\" \"$1/work\" && mount -t overlay -o \"lowerdir=/usr/bin,upperdir=$1/up,workdir=$1/work\" overlay /usr/bin && rm -f /usr/bin/crun && shift && exec \"$@\"";
        CommandResult end = await Host.RunAsync(null, ["unshare", "--mount", "sh", "-c", LetGo + hide, "sh", scratch], "boot", "web");
        end.AssertRefused("crun: program not found", "apt-get install crun");
        Assert.Equal("installed", await Host.StateAsync("web"));
    }

    [Fact]
    public async Task Without_FUSE_in_the_kernel_a_boot_says_so()
    {
        const string hide = "mount -t tmpfs tmpfs \"$1\" && cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/loop* \"$1\" && mount --rbind \"$1\" /dev && shift && exec \"$@\"";
        string scratch = Directory.CreateDirectory(Path.Combine(Host.Root, "without-fuse")).FullName;
        CommandResult end = await Host.RunAsync(null, ["unshare", "--mount", "sh", "-c", LetGo + hide, "sh", scratch], "boot", "web");
        end.AssertRefused("FUSE");
        Assert.Equal("installed", await Host.StateAsync("web"));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(Host.Paths.LofiRun), f => !f.EndsWith("locks", StringComparison.Ordinal));
    }

    private async Task WithImageAsync(Func<Task> spoil, params string[] words)
    {
        string copy = zone.Image + ".copy";
        await TestProgram.RunAsync("cp", "-p", "--sparse=always", zone.Image, copy);
        try
        {
            await SpoilAsync(spoil);
            await RefusedBootAsync(words);
        }
        finally
        {
            await SpoilAsync(() => Task.Run(() => File.Move(copy, zone.Image, overwrite: true)));
        }
    }

    /// <summary>
    /// Runs an action while the server is stopped, because the server may trust its cache of a file that only the server changes.
    /// </summary>
    private async Task SpoilAsync(Func<Task> spoil)
    {
        await zone.Server.StopAsync();
        await spoil();
        await zone.Server.StartAgainAsync(Cancellation);
    }

    private async Task RefusedBootAsync(params string[] words)
    {
        IReadOnlyList<string> before = Leavings.Of(Host);
        (await Host.RunAsync("boot", "web")).AssertRefused(words);
        Assert.Equal("installed", await Host.StateAsync("web"));
        Assert.Equal(before, Leavings.Of(Host));
    }

    private async Task BootsAsync()
    {
        await Host.RunCheckedAsync("boot", "web");
        await Host.RunCheckedAsync("halt", "web");
    }
}
