using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// A host with a NAS. On the NAS are the running zone <c>web</c>, with an address on a bridge of its own, and the zone <c>alone</c> without
/// a network.
/// </summary>
public sealed class RunningZone : NasHost
{
    private readonly string _subnet = TestNetwork.FreeSubnet();

    public string BridgeAddress => _subnet + ".1";

    public string ZoneAddress => _subnet + ".2";

    private string Bridge { get; } = TestNetwork.InterfaceName('b');

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await TestProgram.RunAsync("ip", "link", "add", Bridge, "type", "bridge");
        await TestProgram.RunAsync("ip", "address", "add", $"{BridgeAddress}/24", "dev", Bridge);
        await TestProgram.RunAsync("ip", "link", "set", Bridge, "up");
        await Host.RunCheckedAsync("create", "web", Share, "--net", $"{Bridge},{ZoneAddress}/24,{BridgeAddress}", "--boot", "--wait");
        await Host.RunCheckedAsync("create", "alone", Share, "--boot");
    }

    public override async ValueTask DisposeAsync()
    {
        await TestProgram.TryAsync("ip", "link", "delete", Bridge);
        await base.DisposeAsync();
    }

    /// <summary>Output of a command in a zone. The command may fail there.</summary>
    public async Task<string> InAsync(string zone, params string[] command) => (await Host.RunAsync(["login", zone, "--", .. command])).Output.Trim();
}
