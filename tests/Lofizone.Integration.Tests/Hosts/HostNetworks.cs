using System.Globalization;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>The packets that a broken link drops.</summary>
public enum Cut
{
    /// <summary>All packets are dropped.</summary>
    BothWays,

    /// <summary>Answers are dropped. Requests get through, and the server executes them.</summary>
    AnswersOnly,
}

/// <summary>
/// Network namespaces for an NFS server and for hosts. Each host has a link (veth) of its own to the server. All hosts and this machine
/// reach the server by the same address. A cut link is a black hole: no host gets an error.
/// </summary>
internal sealed class HostNetworks : IAsyncDisposable
{
    private readonly string _prefix = TestNetwork.Name("");
    private readonly string _management = TestNetwork.InterfaceName('m');

    /// <summary>Networks of this machine's link to the server, and of all other links.</summary>
    private readonly string _managementNet = TestNetwork.FreeSubnet(), _hostsNet = TestNetwork.FreeSubnet();
    private readonly List<string> _hosts = [];

    /// <summary>Name of the server's namespace.</summary>
    public string Server => _prefix + "-server";

    /// <summary>The server's address for all hosts.</summary>
    public string ServerAddress => _managementNet + ".2";

    /// <summary>Makes the server's namespace and its link to this machine.</summary>
    public async Task MakeAsync()
    {
        await IpAsync("netns", "add", Server);
        await IpAsync("-n", Server, "link", "set", "lo", "up");
        await IpAsync("link", "add", _management, "type", "veth", "peer", "name", "management", "netns", Server);
        await IpAsync("address", "add", _managementNet + ".1/30", "dev", _management);
        await IpAsync("link", "set", _management, "up");
        await IpAsync("-n", Server, "address", "add", ServerAddress + "/30", "dev", "management");
        await IpAsync("-n", Server, "link", "set", "management", "up");
    }

    /// <summary>Makes a namespace for one more host with a link to the server; returns the namespace's name.</summary>
    public async Task<string> AddHostAsync()
    {
        int number = _hosts.Count;
        string host = $"{_prefix}-host{number}";
        _hosts.Add(host);
        await IpAsync("netns", "add", host);
        await IpAsync("-n", host, "link", "set", "lo", "up");
        await IpAsync("link", "add", Near(host), "netns", Server, "type", "veth", "peer", "name", "nas", "netns", host);
        await IpAsync("-n", Server, "address", "add", At((number * 4) + 2) + "/30", "dev", Near(host));
        await IpAsync("-n", Server, "link", "set", Near(host), "up");
        await IpAsync("-n", host, "address", "add", At((number * 4) + 1) + "/30", "dev", "nas");
        await IpAsync("-n", host, "link", "set", "nas", "up");
        await IpAsync("-n", host, "route", "add", ServerAddress, "via", At((number * 4) + 2));
        return host;
    }

    /// <summary>Drops packets at their arrival: the server's packets at the host, and the host's packets at the server.</summary>
    public async Task CutAsync(string host, Cut cut)
    {
        await DropAsync(host, "cut", "nas");
        if (cut == Cut.BothWays)
            await DropAsync(Server, Table(host), Near(host));
    }

    /// <summary>Undoes <see cref="CutAsync"/>. A whole link stays whole.</summary>
    public async Task HealAsync(string host)
    {
        // Requests get through first, because TCP does not notice a server that is silent for a moment longer.
        await TestProgram.TryAsync("ip", "netns", "exec", Server, "nft", "delete", "table", "inet", Table(host));
        await TestProgram.TryAsync("ip", "netns", "exec", host, "nft", "delete", "table", "inet", "cut");
    }

    /// <summary>
    /// Number of bytes that the server has not acknowledged to a host's kernel, over all of its connections (ss(8), Send-Q).
    /// </summary>
    public static async Task<long> UnsentBytesAsync(string host)
    {
        string sockets = await TestProgram.RunAsync("ip", "netns", "exec", host, "ss", "-Htn", "state", "established");
        return sockets.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _hosts.Append(Server))
            await TestProgram.TryAsync("ip", "netns", "delete", name);
        await TestProgram.TryAsync("ip", "link", "delete", _management);
    }

    private string Near(string host) => $"host{_hosts.IndexOf(host)}";

    private string Table(string host) => "cut_" + Near(host);

    private string At(int host) => $"{_hostsNet}.{host}";

    private static Task<string> DropAsync(string host, string table, string link) => TestProgram.RunAsync(
        "ip", "netns", "exec", host, "nft", $"table inet {table} {{ chain input {{ type filter hook input priority 0; iifname \"{link}\" drop; }}; }}");

    private static Task<string> IpAsync(params string[] arguments) => TestProgram.RunAsync("ip", arguments);
}
