using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary><c>zone boot</c> and <c>zone halt</c> of a zone on an NFS server, killed before and after every step.</summary>
public sealed class KilledBootAndHaltOnNfsTests(NfsBed bed) : IClassFixture<NfsBed>
{
    public static TheoryData<string> BootPoints => [.. KillPoints.Of(ZoneOperation.Boot), .. KillPoints.OfAttach(nfs: true)];

    public static TheoryData<string> HaltPoints => [.. KillPoints.Of(ZoneOperation.Halt), .. KillPoints.OfDetach()];

    [Theory]
    [MemberData(nameof(BootPoints))]
    public Task A_boot_killed_anywhere_is_finished_by_the_same_command_and_undone_by_halt(string point) => KilledCommands.BootAsync(bed, point);

    [Theory]
    [MemberData(nameof(HaltPoints))]
    public Task A_halt_killed_anywhere_is_finished_by_the_same_command_or_by_boot(string point) => KilledCommands.HaltAsync(bed, point);
}
