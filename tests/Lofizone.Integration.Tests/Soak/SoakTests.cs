using Lofizone.Integration.Tests.Devices;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Soak;

/// <summary>
/// A short <c>make soak</c>, with a real server and fio's verification. Links and engines are killed, cut and frozen in the seed's order.
/// </summary>
[Collection(SilentDevices.Name)]
public sealed class SoakTests
{
    private const string Seconds = "30";

    /// <summary>A seed whose order kills engines, cuts links, and restarts the server twice in a row.</summary>
    private const string Seed = "3";

    [Fact]
    public async Task Nothing_that_goes_wrong_costs_an_error_or_a_byte()
    {
        string soak = Path.Combine(HostCleanup.RepositoryRoot(), "scripts", "soak");
        string output = await TestProgram.RunAsync(soak, "--seconds", Seconds, "--seed", Seed, "--zone", LofiHost.ZoneBinary);
        Assert.Contains("no wrong byte, clean file system, nothing left", output, StringComparison.Ordinal);
        Assert.Matches("[1-9][0-9]* (engine|restart|twice|freeze|expire|link), ", output);
    }
}
