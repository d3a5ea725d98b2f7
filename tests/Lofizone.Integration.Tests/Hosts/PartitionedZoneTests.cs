namespace Lofizone.Integration.Tests.Hosts;

/// <summary>
/// A running zone's host is cut off from the server while the zone writes. Another host takes the zone over. Then the link heals.
/// </summary>
[Collection(SilentZones.Name)]
public sealed class PartitionedZoneTests(ZoneOnTwoHosts zone, ITestOutputHelper output) : IClassFixture<ZoneOnTwoHosts>
{
    [Theory]
    [InlineData(Cut.BothWays)]
    [InlineData(Cut.AnswersOnly, "--now")]
    public Task A_zone_taken_over_during_a_partition_is_stopped_where_it_was_and_nothing_it_wrote_since_is_stored(Cut cut, params string[] options) =>
        zone.WithRunningZoneAsync(async writer =>
        {
            await zone.A.CutAsync(cut);
            TakenZone taken = await zone.TakeOverAsync(writer, options);
            output.WriteLine($"{cut} {string.Join(' ', options)}: ran on the other host after {taken.Took.TotalSeconds:0.0} s, lease {LinkedHosts.LeaseSeconds} s");
            await zone.A.HealAsync();
            await writer.AssertFailsAsync();
            await zone.AssertGaveWayAsync();
            await taken.AssertOnlyOneWroteAsync();
        });
}
