namespace Lofizone.Integration.Tests.Zones;

/// <summary><c>zone create</c> on an NFS server, killed before and after every step.</summary>
public sealed class KilledCreateOnNfsTests(NfsBed bed) : IClassFixture<NfsBed>
{
    public static TheoryData<string> Points => [.. KillPoints.Of("create"), .. KillPoints.OfAttach(nfs: true), .. KillPoints.OfDetach()];

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_create_killed_anywhere_is_finished_by_the_same_command_and_undone_by_delete(string point) => KilledCommands.CreateAsync(bed, point);
}
