using Lofizone.Moving;

namespace Lofizone.Tests.Moving;

public sealed class EvacuationFileTests
{
    [Fact]
    public void Zones_are_noted_in_their_order_replaced_and_removed_and_the_last_one_takes_the_file_along()
    {
        using TemporaryHost host = new();
        EvacuationFile file = new(host.Paths);
        Assert.Empty(file.Read());
        file.Note(Zone("web", "b"));
        file.Note(Zone("db", "c"));
        file.Note(Zone("web", "c"));
        Assert.Equal([("db", "c"), ("web", "c")], file.Read().Select(z => (z.Zone, z.To)));
        file.Remove("db");
        file.Remove("unknown");
        Assert.Equal(["web"], file.Read().Select(z => z.Zone));
        file.Remove("web");
        Assert.False(File.Exists(host.Paths.Evacuated));
    }

    [Fact]
    public void A_file_that_makes_no_sense_is_told_by_its_name()
    {
        using TemporaryHost host = new();
        Directory.CreateDirectory(Path.GetDirectoryName(host.Paths.Evacuated)!);
        File.WriteAllText(host.Paths.Evacuated, "[{");
        Assert.Contains(host.Paths.Evacuated, Assert.Throws<LofizoneException>(new EvacuationFile(host.Paths).Read).Message, StringComparison.Ordinal);
    }

    private static EvacuatedZone Zone(string name, string to) => new(name, Guid.NewGuid(), to, "zone", DateTimeOffset.UnixEpoch);
}
