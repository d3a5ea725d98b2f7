using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>Processes of a running zone's host are killed while the zone writes. Another host takes the zone over.</summary>
[Collection(SilentZones.Name)]
public sealed class KilledOwnerTests(ZoneOnTwoHosts zone, ITestOutputHelper output) : IClassFixture<ZoneOnTwoHosts>
{
    private const string Zone = ZoneOnTwoHosts.Zone;

    private TestHost A => zone.A.Host;

    [Fact]
    public Task After_a_power_cut_the_zone_runs_elsewhere_with_all_it_had_flushed_and_the_host_that_comes_back_says_where_it_is() =>
        zone.WithRunningZoneAsync(async writer =>
        {
            // The server gets no notice, because a host without power closes no connection.
            await zone.A.CutAsync(Cut.BothWays);
            await zone.KillAsync("engine", "keeper", "conmon", "init");
            await A.RebootAsync();
            await writer.AssertFailsAsync();
            TakenZone taken = await zone.TakeOverAsync(writer);
            output.WriteLine($"power cut: ran on the other host after {taken.Took.TotalSeconds:0.0} s, lease {LinkedHosts.LeaseSeconds} s");
            await zone.A.HealAsync();

            Assert.Empty(HostTraces.Find(A.Paths, Zone));
            Assert.Equal("installed", await A.StateAsync(Zone));
            await zone.AssertMayNotBootAsync($"is installed on host {Environment.MachineName} since");
            await taken.AssertOnlyOneWroteAsync();
        });

    /// <summary>The server still knows the host's former claim, and would know it for the rest of the lease.</summary>
    [Fact]
    public Task A_host_that_is_back_at_once_after_a_power_cut_boots_its_zone_without_waiting_for_its_own_lease() => zone.WithRunningZoneAsync(async writer =>
    {
        await zone.A.CutAsync(Cut.BothWays);
        await zone.KillAsync("engine", "keeper", "conmon", "init");
        await A.RebootAsync();
        await writer.AssertFailsAsync();
        await zone.A.HealAsync();

        await A.RunCheckedAsync("boot", Zone);
        await zone.AssertKeptAsync(writer);
    });

    [Fact]
    public Task A_host_that_has_lost_engine_and_keeper_loses_the_zone_without_harm() => zone.WithRunningZoneAsync(async writer =>
    {
        await zone.KillAsync("engine", "keeper");
        await writer.AssertFailsAsync();
        TakenZone taken = await zone.TakeOverAsync(writer);
        output.WriteLine($"engine and keeper: ran on the other host after {taken.Took.TotalSeconds:0.0} s, lease {LinkedHosts.LeaseSeconds} s");
        CommandResult halt = await A.RunAsync("halt", Zone);
        Assert.True(halt.Succeeded || halt.Error.Contains("is not running", StringComparison.Ordinal), halt.ToString());
        await A.WaitUntilSettledAsync(Zone);
        Assert.Empty(HostTraces.Find(A.Paths, Zone));
        await zone.AssertMayNotBootAsync($"is installed on host {Environment.MachineName} since");
        await taken.AssertOnlyOneWroteAsync();
    });

    /// <summary>
    /// The engine lives and keeps the lease, so only a takeover on purpose gets the image. The engine must notice the loss.
    /// </summary>
    [Theory]
    [InlineData("conmon")]
    [InlineData("conmon", "init")]
    public Task A_zone_without_its_supervisor_is_stopped_when_another_host_takes_it(params string[] killed) => zone.WithRunningZoneAsync(async writer =>
    {
        await zone.KillAsync(killed);
        TakenZone taken = await zone.TakeOverAsync(writer, "--now");
        await writer.AssertFailsAsync();
        await zone.AssertGaveWayAsync();
        await taken.AssertOnlyOneWroteAsync();
    });
}
