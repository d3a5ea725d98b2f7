using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>The server goes away and comes back under writes. Hosts wait, no write fails, and no data is lost.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class ServerFaultTests(Laboratory lab, ITestOutputHelper output)
{
    [Fact]
    public Task A_server_that_restarts_its_NFS_service_costs_no_error_and_no_data() =>
        UnderWritingAsync("restart", "ext4", () => lab.Server.CheckedAsync("restart-server"));

    [Fact]
    public Task A_server_that_loses_power_costs_no_error_and_no_data() =>
        UnderWritingAsync(
            "power",
            "xfs",
            async () =>
            {
                await lab.Server.CutPowerAsync();
                await lab.StartServerAsync();
            });

    [Theory]
    [InlineData("shorter", Laboratory.LeaseSeconds / 2)]
    [InlineData("longer", Laboratory.LeaseSeconds * 2)]
    public Task A_cut_of_the_network_costs_no_error_and_no_data_whether_shorter_or_longer_than_the_lease(string length, int seconds) =>
        UnderWritingAsync(
            length,
            "btrfs",
            async () =>
            {
                await SetLinksAsync(up: false);
                // The duration of the fault is the case under test. The end of a lease gives no event.
                await Task.Delay(TimeSpan.FromSeconds(seconds));
                await SetLinksAsync(up: true);
            });

    private async Task SetLinksAsync(bool up)
    {
        await lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up);
        await lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Beta), up);
    }

    /// <summary>Both hosts write during a fault of the server, one through the kernel's client, the other through ours.</summary>
    private async Task UnderWritingAsync(string name, string export, Func<Task> fault)
    {
        AttachedImage[] images = [AttachedImage.Of("kernel", lab.Alpha, $"{export}/{name}-kernel.img"), AttachedImage.Of("user", lab.Beta, $"{export}/{name}-user.img")];
        Writer[] writers = [.. images.Select(image => new Writer(image))];
        try
        {
            foreach ((AttachedImage image, Writer writer) in images.Zip(writers))
            {
                await image.CreateAsync();
                await image.MountAsync();
                await writer.StartAsync();
            }
            TimeProvider clock = TimeProvider.System;
            long start = clock.GetTimestamp();
            await fault();
            TimeSpan back = clock.GetElapsedTime(start);
            await Task.WhenAll(writers.Zip(["kernel", "user"], async (writer, transport) =>
            {
                await writer.AdvanceAsync(1);
                output.WriteLine($"{transport}: first write done {(clock.GetElapsedTime(start) - back).TotalSeconds:0.0} s after the server was back");
                await writer.AdvanceAsync(8);
            }));
            await Task.WhenAll(writers.Select(writer => writer.StopAndVerifyAsync()));
        }
        finally
        {
            foreach (AttachedImage image in images)
                await image.DropAsync();
        }
    }
}
