using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// <c>zone detach</c>, <c>zone attach -U</c> and <c>zone move</c>, killed before every step. The same command finishes the work, and the
/// zone's root is whole.
/// </summary>
public sealed class KilledMoveTests(DirBed bed) : IClassFixture<DirBed>
{
    private const string Zone = ZoneBed.Zone;

    public static TheoryData<string> DetachPoints => [.. KillPoints.Before(ZoneOperation.Detach)];

    public static TheoryData<string> AttachPoints => [.. KillPoints.Before(ZoneOperation.Attach)];

    public static TheoryData<string> GivePoints => [.. KillPoints.Before(ZoneOperation.Give)];

    [Theory]
    [MemberData(nameof(DetachPoints))]
    public Task A_killed_detach_is_finished_by_the_same_command(string point) => bed.OnInstalledZoneAsync(async host =>
    {
        await KillAsync(point, "detach", Zone);
        await AgainAsync("it is configured", "detach", Zone);
        Assert.Equal("configured", await host.StateAsync(Zone));
        await bed.AssertDownAsync();
        await host.RunCheckedAsync("attach", Zone);
        Assert.Equal("installed", await host.StateAsync(Zone));
    });

    [Theory]
    [MemberData(nameof(AttachPoints))]
    public Task A_killed_attach_is_finished_by_the_same_command(string point) => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("detach", Zone);
        await KillAsync(point, "attach", "-U", Zone);
        await AgainAsync("is installed here already", "attach", "-U", Zone);
        Assert.Equal("installed", await host.StateAsync(Zone));
        await bed.AssertDownAsync();
        await host.RunCheckedAsync("boot", Zone);
        await bed.AssertRunsAsync();
        Assert.Equal(["lost+found", "root"], Directory.EnumerateFileSystemEntries(Path.Combine(host.Paths.Zones, Zone)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await bed.HaltAsync();
    });

    [Theory]
    [MemberData(nameof(GivePoints))]
    public Task A_killed_move_is_finished_by_the_same_command(string point) => bed.OnInstalledZoneAsync(async host =>
    {
        await using TestHost there = new();
        // The other host does not accept one of its own directories on this host's word.
        string[] move = ["move", Zone, "there", "--share", bed.Share, "--ssh", await MovePeer.ProgramAsync(there)];
        await host.RunCheckedAsync("boot", Zone);
        await KillAsync(point, move);
        await host.RunCheckedAsync(move);
        Assert.Equal("configured", await host.StateAsync(Zone));
        Assert.Equal("running", await there.StateAsync(Zone));
        await there.RunCheckedAsync("halt", Zone);
        await there.RunCheckedAsync("detach", Zone);
        await host.RunCheckedAsync("attach", Zone);
        await bed.AssertDownAsync();
    });

    private async Task KillAsync(string point, params string[] command)
    {
        CommandResult killed = await bed.Host.RunKilledAsync(point, command);
        Assert.True(killed.WasKilled, $"{point} was not reached: {killed}");
        await bed.AssertCanBeSeenAsync();
    }

    /// <summary>Runs the command again. A command that was killed at its very end has done its work.</summary>
    private async Task AgainAsync(string done, params string[] command)
    {
        CommandResult again = await bed.Host.RunAsync(command);
        if (!again.Succeeded)
            Assert.Contains(done, again.Error, StringComparison.Ordinal);
    }
}
