using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The content of a zone's image can't hold up this host's commands, or decide how commands mount the image.</summary>
public sealed class ForeignZoneTests(ForeignZone zone) : IClassFixture<ForeignZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_fifo_where_a_command_reads_a_file_of_the_zone_ends_the_command_with_the_reason()
    {
        await zone.WithFifoAsync("/var/lib/dpkg/status", async () =>
        {
            (await Host.RunAsync("detach", "web")).AssertRefused("/var/lib/dpkg/status: a fifo and no file");
            Assert.Equal("installed", await Host.StateAsync("web"));
        });
        await zone.WithFifoAsync("/usr/lib/os-release", async () => (await Host.RunAsync("detach", "web")).AssertRefused("/etc/os-release: a fifo and no file"));
        await Host.RunCheckedAsync("detach", "web");
        await Host.RunCheckedAsync("attach", "web");
    }

    [Fact]
    public async Task A_zone_whose_passwd_is_a_fifo_boots_and_lets_its_host_in()
    {
        await zone.WithFifoAsync("/etc/passwd", async () =>
        {
            await Host.RunCheckedAsync("boot", "web");
            Assert.Equal("in", (await Host.RunCheckedAsync("login", "web", "--", "echo", "in")).Trim());
            await Host.RunCheckedAsync("halt", "web");
        });
    }

    [Fact]
    public async Task The_rest_of_an_update_is_removed_however_deep_somebody_has_made_it()
    {
        await Host.RunCheckedAsync("detach", "web");
        await zone.ChangeAsync(point =>
        {
            string rest = Directory.CreateDirectory(point + "/root.update").FullName;
            DescriptorPath.MakeFifo(rest + "/fifo");
            Directory.CreateSymbolicLink(rest + "/root", "../root");
            FileDescriptor at = Files.Open(rest, OpenFlags.Directory);
            for (int i = 0; i < 6000; i++)
            {
                Files.MakeDirectory(at, "d", 0x1c0);
                FileDescriptor next = Files.OpenAt(at, "d", OpenFlags.Directory, ResolveFlags.Beneath);
                at.Dispose();
                at = next;
            }

            at.Dispose();
        });
        await Host.RunCheckedAsync("attach", "web");
        await zone.ChangeAsync(point =>
        {
            Assert.False(Path.Exists(point + "/root.update"));
            Assert.True(File.Exists(point + "/root/etc/passwd"));
        });
    }

    [Fact]
    public async Task Every_way_to_a_zones_root_mounts_it_with_this_hosts_own_rules()
    {
        await TestProgram.RunAsync("tune2fs", "-e", "panic", zone.Image);
        await AssertGuardedAsync("boot");
        await Host.RunCheckedAsync("boot", "web");
        AssertGuarded();
        // In the zone's own view, programs, set-user-ID bits and links are the zone's.
        Assert.Contains("Debian", await Host.RunCheckedAsync("login", "web", "--", "cat", "/etc/os-release"), StringComparison.Ordinal);
        Assert.DoesNotMatch("nosuid|noexec|nosymfollow", await Host.RunCheckedAsync("login", "web", "--", "sh", "-c", "grep ' / ' /proc/self/mounts"));
        await Host.RunCheckedAsync("halt", "web");
        await Host.RunCheckedAsync("doctor", "web");
        await AssertGuardedAsync("detach");
        await Host.RunCheckedAsync("detach", "web");
        await Host.RunCheckedAsync("attach", "web", "-n");
        await AssertGuardedAsync("attach");
        await Host.RunCheckedAsync("attach", "web");

        await using TestHost other = new();
        string share = Directory.CreateDirectory(Path.Combine(other.Root, "share")).FullName;
        Assert.True((await other.RunKilledAsync("create/mount/after", "create", "web", "dir:" + share, "--size", "400m")).WasKilled);
        AssertGuarded(Path.Combine(other.Paths.Zones, "web"));
    }

    [Fact]
    public async Task An_image_whose_superblock_carries_mount_options_is_refused_by_every_command_with_what_mends_it()
    {
        await TestProgram.RunAsync("tune2fs", "-E", "mount_opts=nodelalloc", zone.Image);
        (await Host.RunAsync("boot", "web")).AssertRefused("mount options of its own", "tune2fs -E mount_opts= DEVICE", $"lofiadm -a dir:{zone.Image}");
        CommandResult doctor = await Host.RunAsync("doctor", "web");
        Assert.True(doctor.ExitCode == 1, doctor.ToString());
        Assert.Contains($"tune2fs -E mount_opts= DEVICE, with DEVICE=$(lofiadm -a dir:{zone.Image})", doctor.Output, StringComparison.Ordinal);
        await TestProgram.RunAsync("tune2fs", "-E", "mount_opts=", zone.Image);
        await Host.RunCheckedAsync("doctor", "web");
    }

    /// <summary>Kills an operation after its mount, and checks that mount. The next command takes the mount over.</summary>
    private async Task AssertGuardedAsync(string operation)
    {
        CommandResult end = await Host.RunKilledAsync($"{operation}/mount/after", operation, "web");
        Assert.True(end.WasKilled, end.ToString());
        AssertGuarded();
    }

    private void AssertGuarded(string? zonePath = null)
    {
        MountEntry mount = MountTable.Read().At(zonePath ?? zone.ZonePath)!;
        Assert.Equal("remount-ro", mount.SuperOption("errors"));
        Assert.Equal(["nodev", "noexec", "nosuid", "nosymfollow"], mount.Options.Split(',').Where(o => o.StartsWith("no", StringComparison.Ordinal)).Order());
    }
}
