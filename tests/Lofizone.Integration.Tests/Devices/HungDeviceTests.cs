using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>One device hangs, and every program that opens the device hangs, too. All other work on the machine goes on.</summary>
[Collection(Alone.Name)]
public sealed class HungDeviceTests
{
    [Fact]
    public async Task Beside_a_device_that_hangs_a_healthy_zone_is_created_booted_halted_and_deleted()
    {
        await using TestHost host = new();
        string share = "dir:" + Directory.CreateDirectory(Path.Combine(host.Root, "share")).FullName;
        await using HungDevice hung = await HungDevice.MakeAsync();

        // A command that opens the hung device is ended by the limit of commands, and fails the test.
        await host.RunCheckedAsync("create", "web", share, "--boot");
        await host.RunCheckedAsync("list", "-v");
        await host.RunCheckedAsync("df");
        await host.RunCheckedAsync("halt", "web");
        await host.RunCheckedAsync("boot", "web");
        await host.RunCheckedAsync("halt", "--force", "web");
        await host.RunCheckedAsync("doctor", "web");
        string device = (await host.RunCheckedAsync("lofiadm", "-a", $"{share}/web/root.img")).Trim();
        await host.RunCheckedAsync("lofiadm", "-d", device);
        await host.RunCheckedAsync("delete", "--force", "web");

        Assert.True(hung.IsHung, "the device did not hang until the end: nothing was shown");
    }

    [Fact]
    public async Task The_detach_of_a_device_that_hangs_has_an_end_and_can_be_run_again()
    {
        await using HungDevice hung = await HungDevice.OfDirectoryAsync();

        // The command asks nothing of the store, but the loop device itself can't be opened.
        (await hung.Host.RunAsync("lofiadm", "-f", "-d", "/dev/lofi/1")).AssertRefused("the kernel waits for dir:", "run again: lofiadm -f -d");
        Assert.True(hung.IsHung, "the device did not hang until the end: nothing was shown");
        Assert.Contains("/dev/lofi/1", await hung.Host.RunCheckedAsync("lofiadm"), StringComparison.Ordinal);

        await hung.ResumeAsync();
        await hung.Host.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/1");
        Assert.Empty(hung.Host.Devices.List());
    }
}
