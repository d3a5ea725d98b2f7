using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>The stop of a host with devices that an administrator attached by hand.</summary>
public sealed class DeviceStopTests
{
    [Fact]
    public async Task A_device_that_was_attached_by_hand_is_unmounted_and_detached_and_one_in_use_keeps_no_other()
    {
        await using TestHost host = new();
        string stored = await MountedAsync(host, "stored"), used = await MountedAsync(host, "used");
        await File.WriteAllTextAsync(Path.Combine(stored, "file"), "text", TestContext.Current.CancellationToken);
        using (File.Create(Path.Combine(used, "open")))
        {
            CommandResult end = await host.RunAsync("autohalt");
            end.AssertFailed("mounted at " + used, "unmount it first");
            Assert.Contains("stored.img: stored and detached", end.Output, StringComparison.Ordinal);
            Assert.EndsWith("used.img", Assert.Single(host.Devices.List()).File.ToString(), StringComparison.Ordinal);
        }

        await host.RunCheckedAsync("autohalt");
        Assert.Empty(host.Devices.List());
        Assert.DoesNotContain((await host.MountsAsync()).Entries, m => m.MountPoint == stored || m.MountPoint == used);

        string device = (await host.RunCheckedAsync("lofiadm", "-a", Image(host, "stored"))).Trim();
        await TestProgram.RunAsync("mount", device, stored);
        Assert.Equal("text", await File.ReadAllTextAsync(Path.Combine(stored, "file"), TestContext.Current.CancellationToken));
        await host.RunCheckedAsync("autohalt");
    }

    private static string Image(TestHost host, string name) => $"dir:{host.Root}/{name}.img";

    /// <summary>Makes a device with a mounted file system; returns the mount point.</summary>
    private static async Task<string> MountedAsync(TestHost host, string name)
    {
        await host.RunCheckedAsync("mkfile", "-n", "16m", Path.Combine(host.Root, name + ".img"));
        string device = (await host.RunCheckedAsync("lofiadm", "-a", Image(host, name))).Trim();
        await TestProgram.RunAsync("mkfs.ext4", "-q", "-F", device);
        string place = Directory.CreateDirectory(Path.Combine(host.Root, name)).FullName;
        await TestProgram.RunAsync("mount", device, place);
        return place;
    }
}
