using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>What must hold after a command on a zone was killed at a point; the same on every kind of share.</summary>
internal static class KilledCommands
{
    private const string Zone = ZoneBed.Zone;

    /// <summary>A killed create is finished by the same command.</summary>
    public static Task CreateAgainAsync(ZoneBed bed, string point) => bed.OnEmptyHostAsync(async host =>
    {
        await KillAsync(bed, point, () => bed.CreateAsync(point));
        CommandResult again = await bed.CreateAsync();
        Assert.True(again.Succeeded, again.ToString());
        Assert.Equal("installed", await host.StateAsync(Zone));
        await bed.AssertDownAsync();
        await host.RunCheckedAsync("boot", Zone);
        Assert.Equal("running", await host.StateAsync(Zone));
        await bed.HaltAsync();
        await bed.DeleteAsync();
    });

    /// <summary>A killed create is undone by a delete; one killed after its last step has made the zone.</summary>
    public static Task CreateAndDeleteAsync(ZoneBed bed, string point) => bed.OnEmptyHostAsync(async host =>
    {
        string? state = await KillAsync(bed, point, () => bed.CreateAsync(point));
        if (state == "installed")
            AssertSays("exists already", await bed.CreateAsync());
        if (state is null)
            await bed.AssertGoneAsync();
        else
            await bed.DeleteAsync();
    });

    /// <summary>A killed boot is finished by the same command, and undone by a halt.</summary>
    public static Task BootAsync(ZoneBed bed, string point) => bed.OnInstalledZoneAsync(async host =>
    {
        string? state = await KillAsync(bed, point, () => host.RunKilledAsync(point, "boot", Zone));
        await ThenBootAsync(bed, state);
        await bed.HaltAsync();

        state = await KillAsync(bed, point, () => host.RunKilledAsync(point, "boot", Zone));
        await ThenHaltAsync(bed, state);
    });

    /// <summary>A killed halt is finished by the same command, and by a boot.</summary>
    public static Task HaltAsync(ZoneBed bed, string point) => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        string? state = await KillAsync(bed, point, () => host.RunKilledAsync(point, "halt", Zone));
        await ThenHaltAsync(bed, state);

        await host.RunCheckedAsync("boot", Zone);
        state = await KillAsync(bed, point, () => host.RunKilledAsync(point, "halt", Zone));
        await ThenBootAsync(bed, state);
        await bed.HaltAsync();
    });

    /// <summary>Runs the command that is to be killed; returns the zone's state after it.</summary>
    private static async Task<string?> KillAsync(ZoneBed bed, string point, Func<Task<CommandResult>> run)
    {
        CommandResult killed = await run();
        Assert.True(killed.WasKilled, $"{point} was not reached: {killed}");
        await bed.AssertCanBeSeenAsync();
        return await bed.Host.StateAsync(Zone);
    }

    private static async Task ThenBootAsync(ZoneBed bed, string? state)
    {
        CommandResult boot = await bed.Host.RunAsync("boot", Zone);
        if (state == "running")
            AssertSays("already booted", boot);
        else
            Assert.True(boot.Succeeded, boot.ToString());
        await bed.AssertRunsAsync();
    }

    private static async Task ThenHaltAsync(ZoneBed bed, string? state)
    {
        CommandResult halt = await bed.Host.RunAsync("halt", Zone);
        // A zone whose init has ended is also taken down by the notice of that, which may have been first.
        if (!halt.Succeeded)
            AssertSays("is not running (it is installed)", halt);
        else
            Assert.NotEqual("installed", state);
        await bed.AssertDownAsync();
        Assert.Equal("installed", await bed.Host.StateAsync(Zone));
    }

    private static void AssertSays(string what, CommandResult result)
    {
        Assert.False(result.Succeeded, result.ToString());
        Assert.Contains(what, result.Error, StringComparison.Ordinal);
    }
}
