using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Lofizone.Testing.Hosts;

/// <summary>Names and addresses for tests' networks. Each is unique, whatever other runs do now or have left behind.</summary>
public static class TestNetwork
{
    private const int FirstNetwork = 212, LastNetwork = 219;

    private static readonly Lock _gate = new();
    private static readonly HashSet<string> _given = [];
    private static int _made;

    /// <summary>
    /// A name for an interface of this machine, at most 14 characters. scripts/clean-leftovers finds a killed run's interfaces by the
    /// process number in the name.
    /// </summary>
    /// <param name="kind">
    /// One letter: b for a bridge, n for the near end of a link, m for the interface by which a test manages a server.
    /// </param>
    public static string InterfaceName(char kind) => $"lz{kind}{Environment.ProcessId}x{Interlocked.Increment(ref _made)}";

    /// <summary>A name for a network namespace or a table of nft(8). scripts/clean-leftovers finds the name in the same way.</summary>
    public static string Name(string what) => $"lofizone-net-{Environment.ProcessId}-{what}{Interlocked.Increment(ref _made)}";

    /// <summary>The first three numbers of an IPv4 network /24 that no interface of this machine is in, such as <c>10.215.7</c>.</summary>
    public static string FreeSubnet()
    {
        lock (_gate)
        {
            while (true)
            {
                string subnet = $"10.{Random.Shared.Next(FirstNetwork, LastNetwork + 1)}.{Random.Shared.Next(1, 255)}";
                if (!IsTaken(subnet) && _given.Add(subnet))
                    return subnet;
            }
        }
    }

    private static bool IsTaken(string subnet) => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Any(a => a.Address.AddressFamily == AddressFamily.InterNetwork && a.Address.ToString().StartsWith(subnet + ".", StringComparison.Ordinal));
}
