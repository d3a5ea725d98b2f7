using Lofizone.Integration.Tests.Devices;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Soak;

/// <summary>A short <c>make soak</c>: a real server, links and engines that are killed, cut and frozen in an order that the seed decides, under fio's verification.</summary>
[Collection(SilentDevices.Name)]
public sealed class SoakTests
{
    private const string Seconds = "30";

    /// <summary>Its order has engines killed, links cut and the server restarted twice in a row.</summary>
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
