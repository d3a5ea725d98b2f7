using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// <c>zone create</c> on a directory, killed before every step. A kill after a step and a kill before the next step leave the same state.
/// The tests on NFS have both kills, with the same steps.
/// </summary>
public sealed class KilledCreateOnDirTests(DirBed bed) : IClassFixture<DirBed>
{
    public static TheoryData<string> PointsBefore => [.. KillPoints.Before(ZoneOperation.Create)];

    public static TheoryData<string> PointsWithin => [.. KillPoints.OfAttach(nfs: false), .. KillPoints.OfDetach()];

    [Theory]
    [MemberData(nameof(PointsBefore))]
    public Task A_create_killed_before_any_step_is_finished_by_the_same_command(string point) => KilledCommands.CreateAgainAsync(bed, point);

    [Theory]
    [MemberData(nameof(PointsWithin))]
    public Task A_create_killed_within_an_attach_or_detach_is_undone_by_delete(string point) => KilledCommands.CreateAndDeleteAsync(bed, point);
}
