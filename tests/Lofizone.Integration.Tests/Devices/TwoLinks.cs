using Lofizone.Programs;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// A network namespace with two links (veth) to this machine, for a server with two addresses. Each link can be cut separately.
/// </summary>
internal sealed class TwoLinks : IAsyncDisposable
{
    private readonly ProgramRunner _programs = new();
    private readonly string[] _subnets = [TestNetwork.FreeSubnet(), TestNetwork.FreeSubnet()];
    private readonly string[] _near = [TestNetwork.InterfaceName('n'), TestNetwork.InterfaceName('n')];

    public string Namespace { get; } = TestNetwork.Name("links");

    private string Table { get; } = TestNetwork.Name("drop");

    /// <summary>The server's address on link 0 or 1.</summary>
    public string Address(int link) => Host(link, 2);

    public async Task MakeAsync()
    {
        await IpAsync("netns", "add", Namespace);
        await IpAsync("-n", Namespace, "link", "set", "lo", "up");
        for (int link = 0; link < 2; link++)
        {
            await IpAsync("link", "add", Near(link), "type", "veth", "peer", "name", Far(link), "netns", Namespace);
            await IpAsync("address", "add", Host(link, 1) + "/30", "dev", Near(link));
            await IpAsync("link", "set", Near(link), "up");
            await IpAsync("-n", Namespace, "address", "add", Host(link, 2) + "/30", "dev", Far(link));
            await IpAsync("-n", Namespace, "link", "set", Far(link), "up");
        }
    }

    /// <summary>Takes the far end down or up. A link that is down is a black hole for this machine.</summary>
    public Task SetUpAsync(int link, bool up) => IpAsync("-n", Namespace, "link", "set", Far(link), up ? "up" : "down");

    /// <summary>Drops packets from the server on this link: requests get through, and answers don't.</summary>
    public Task DropAnswersAsync(int link) => NftAsync(
        $"table inet {Table} {{ chain input {{ type filter hook input priority 0; ip saddr {Address(link)} drop; }}; }}");

    public Task StopDroppingAsync() => NftAsync($"delete table inet {Table}");

    public async ValueTask DisposeAsync()
    {
        foreach (string[] command in (string[][])[["nft", "delete", "table", "inet", Table], ["ip", "link", "delete", Near(0)], ["ip", "link", "delete", Near(1)], ["ip", "netns", "delete", Namespace]])
            await _programs.RunAsync(new ProgramCall(command[0], command[1..]), CancellationToken.None);
    }

    private string Near(int link) => _near[link];

    private static string Far(int link) => $"far{link}";

    private string Host(int link, int host) => $"{_subnets[link]}.{host}";

    private Task<ProgramResult> IpAsync(params string[] arguments) => _programs.RunCheckedAsync(new ProgramCall("ip", arguments), CancellationToken.None);

    private Task<ProgramResult> NftAsync(string rules) => _programs.RunCheckedAsync(new ProgramCall("nft", "-f", "-") { Input = rules }, CancellationToken.None);
}
