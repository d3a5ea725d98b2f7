using Lofizone.Images;
using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// <c>zone boot</c> and <c>zone halt</c> of a zone on a directory, killed before every step. A kill after a step and a kill before the next
/// step leave the same state. The tests on NFS have both kills, with the same steps.
/// </summary>
public sealed class KilledBootAndHaltOnDirTests(DirBed bed) : IClassFixture<DirBed>
{
    public static TheoryData<string> BootPoints => [.. KillPoints.Before(ZoneOperation.Boot), .. KillPoints.OfAttach(nfs: false)];

    public static TheoryData<string> HaltPoints => [.. KillPoints.Before(ZoneOperation.Halt), .. KillPoints.OfDetach()];

    [Theory]
    [MemberData(nameof(BootPoints))]
    public Task A_boot_killed_anywhere_is_finished_by_the_same_command_and_undone_by_halt(string point) => KilledCommands.BootAsync(bed, point);

    [Theory]
    [MemberData(nameof(HaltPoints))]
    public Task A_halt_killed_anywhere_is_finished_by_the_same_command_or_by_boot(string point) => KilledCommands.HaltAsync(bed, point);

    /// <summary>A child of the killed boot makes the mount to the end, after the halt has looked at the zonepath.</summary>
    [Fact]
    public Task A_mount_that_comes_up_after_its_boot_was_killed_is_unmounted() => bed.OnInstalledZoneAsync(async host =>
    {
        Assert.True((await host.RunKilledAsync("boot/mount/before", "boot", ZoneBed.Zone)).WasKilled);
        string zonePath = host.Paths.ZonePath(ZoneBed.Zone);

        CommandResult halt = await host.RunHeldAsync("halt/detach/before", MountAsync, "halt", ZoneBed.Zone);

        Assert.True(halt.Succeeded, halt.ToString());
        await bed.AssertDownAsync();

        async Task MountAsync()
        {
            Directory.CreateDirectory(zonePath);
            await ForeignMount.AttachAsync(TestHost.Kernel, host.Devices.List()[0].LoopDevice, zonePath, "ext4", TestContext.Current.CancellationToken);
        }
    });
}
