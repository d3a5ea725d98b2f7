using System.Globalization;
using Lofizone.Testing;

namespace Lofizone.Integration.Tests.User;

/// <summary>A host, a NAS, and on it the running zone <c>web</c> with an address on a bridge made for it, and the zone <c>alone</c> without a network.</summary>
public sealed class RunningZone : NasHost
{
    /// <summary>TEST-NET-2 (RFC 5737): no network of the machine's.</summary>
    public const string BridgeAddress = "198.51.100.1", ZoneAddress = "198.51.100.2";

    // Holds the host's tag, by which the clean-up script finds it.
    private string Bridge => string.Create(CultureInfo.InvariantCulture, $"zb{Host.Paths.Tag}");

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

    /// <summary>Output of a command in a zone, which may fail there.</summary>
    public async Task<string> InAsync(string zone, params string[] command) => (await Host.RunAsync(["login", zone, "--", .. command])).Output.Trim();
}
