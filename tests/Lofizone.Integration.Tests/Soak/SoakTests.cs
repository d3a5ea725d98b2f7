using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Soak;

/// <summary>A short run of scripts/soak with a fixed seed; `make soak` is the long one.</summary>
[Collection(Alone.Name)]
public sealed class SoakTests
{
    [Fact]
    public async Task No_byte_is_wrong_while_the_server_is_killed_and_frozen_and_links_are_cut()
    {
        string script = Path.Combine(HostCleanup.RepositoryRoot(), "scripts", "soak");
        (int exitCode, string output, string error) = await TestProgram.TryAsync(script, "--seconds", "30", "--seed", "3", "--zone", TestHost.ZoneBinary);
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("no wrong byte, clean file system, nothing left", output, StringComparison.Ordinal);
    }
}
