using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Requirements after a command on a zone was killed at a point. They are the same on every kind of share.</summary>
internal static class KilledCommands
{
    private const string Zone = ZoneBed.Zone;

    /// <summary>The same command finishes a killed create.</summary>
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

    /// <summary>A delete undoes a killed create. A create that was killed after its last step has made the zone.</summary>
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

    /// <summary>The same command finishes a killed boot, and a halt undoes it.</summary>
    public static Task BootAsync(ZoneBed bed, string point) => bed.OnInstalledZoneAsync(async host =>
    {
        string? state = await KillAsync(bed, point, () => host.RunKilledAsync(point, "boot", Zone));
        await ThenBootAsync(bed, state);
        await bed.HaltAsync();

        state = await KillAsync(bed, point, () => host.RunKilledAsync(point, "boot", Zone));
        await ThenHaltAsync(bed, state);
    });

    /// <summary>The same command or a boot finishes a killed halt.</summary>
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

    /// <summary>Runs the command and kills it; returns the zone's state after the kill.</summary>
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
        // The notice of an init's end also takes the zone down, and may have been first.
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
