using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary><c>zone create</c> on an NFS server, killed before and after every step.</summary>
public sealed class KilledCreateOnNfsTests(NfsBed bed) : IClassFixture<NfsBed>
{
    public static TheoryData<string> PointsBefore => [.. KillPoints.Before(ZoneOperation.Create)];

    public static TheoryData<string> OtherPoints =>
        [.. KillPoints.After(ZoneOperation.Create), .. KillPoints.OfAttach(nfs: true), .. KillPoints.OfDetach()];

    [Theory]
    [MemberData(nameof(PointsBefore))]
    public Task A_create_killed_before_any_step_is_finished_by_the_same_command(string point) => KilledCommands.CreateAgainAsync(bed, point);

    [Theory]
    [MemberData(nameof(OtherPoints))]
    public Task A_create_killed_after_or_within_any_step_is_undone_by_delete(string point) => KilledCommands.CreateAndDeleteAsync(bed, point);
}
