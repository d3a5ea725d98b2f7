using System.Net;
using System.Text;
using Lofizone.Hosts;

namespace Lofizone.Network;

/// <summary>This host's name servers that a zone with a network of its own can reach (resolv.conf(5)).</summary>
public static class HostResolver
{
    private const string Configured = "/etc/resolv.conf";

    /// <summary>
    /// The servers that systemd-resolved itself uses. With systemd-resolved, the file above names only a stub on the host's loopback
    /// (systemd-resolved.service(8)).
    /// </summary>
    private const string Upstream = "/run/systemd/resolve/resolv.conf";

    /// <summary>Options that do not depend on the host's interfaces. "sortlist" does.</summary>
    private static readonly string[] _passedOn = ["search", "domain", "options"];

    /// <summary>The lines for a zone; null when this host names no server that a zone can reach.</summary>
    /// <exception cref="LofizoneException">A file of the host can't be read.</exception>
    public static string? ForZone() => ForZone(Text);

    /// <param name="read">Returns the content of a file of the host; empty for a missing file.</param>
    internal static string? ForZone(Func<string, string> read) => ForZone(read(Configured)) ?? ForZone(read(Upstream));

    /// <summary>The lines of one file that are valid in a zone; null when no server of the file is.</summary>
    internal static string? ForZone(string file)
    {
        StringBuilder lines = new();
        bool served = false;
        foreach (string line in file.Split('\n'))
        {
            string[] words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || char.IsWhiteSpace(line[0]))
                continue;
            bool server = words[0] == "nameserver";
            if (server ? !IsReachable(words[1]) : !_passedOn.Contains(words[0]))
                continue;
            served |= server;
            lines.Append(string.Join(' ', server ? words[..2] : words)).Append('\n');
        }

        return served ? lines.ToString() : null;
    }

    /// <summary>
    /// Tells whether a server can be reached from a zone. In a zone, loopback is the zone itself, and so is the unspecified address, which
    /// the resolver takes for loopback. An address of one link, with or without the name of an interface, means nothing in a zone.
    /// </summary>
    private static bool IsReachable(string server)
    {
        if (!IPAddress.TryParse(server, out IPAddress? address))
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            && !address.IsIPv6LinkLocal;
    }

    private static string Text(string file) => HostFile.Read(file) is { } content ? Encoding.UTF8.GetString(content) : "";
}
