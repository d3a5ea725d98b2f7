using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lofizone.Shares;

/// <summary>One address of a share's server, and so one path to it.</summary>
/// <param name="Host">Host name in lower case, or address literal without brackets.</param>
/// <param name="Port">TCP port, 1..65535.</param>
public sealed record ShareAddress(string Host, int Port)
{
    /// <summary>The address in the form of a URI: IPv6 in brackets, and the port only when it is not the default.</summary>
    public override string ToString()
    {
        // The zone of a link-local address stands behind %25 (RFC 6874).
        string host = Host.Contains(':') ? $"[{Host.Replace("%", "%25", StringComparison.Ordinal)}]" : Host;
        return Port == ShareUri.DefaultPort ? host : $"{host}:{Port}";
    }

    /// <summary>Parses <c>HOST[:PORT]</c>; <paramref name="bad"/> makes the exception from a description of the fault.</summary>
    internal static ShareAddress Parse(string text, Func<string, Exception> bad)
    {
        (string host, string? port) = SplitPort(text, bad);
        if (host.Length == 0)
            throw bad("the server's name is missing");
        return new ShareAddress(host.ToLowerInvariant(), ParsePort(port, bad));
    }

    private static (string Host, string? Port) SplitPort(string text, Func<string, Exception> bad)
    {
        if (!text.StartsWith('['))
        {
            string[] parts = text.Split(':');
            if (parts.Length > 2)
                throw bad("an IPv6 address stands in brackets: nfs://[2001:db8::1]/path");
            if (parts[0].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
                throw bad($"'{parts[0]}' is no host name or address");
            return (parts[0], parts.Length == 2 ? parts[1] : null);
        }

        int close = text.IndexOf(']');
        string literal = close < 0 ? "" : text[1..close].Replace("%25", "%", StringComparison.Ordinal);
        if (!IPAddress.TryParse(literal, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            throw bad($"'{text}' holds no IPv6 address in brackets");
        string after = text[(close + 1)..];
        if (after.Length > 0 && after[0] != ':')
            throw bad($"'{after}' after the address is no port");
        return (address.ToString(), after.Length > 0 ? after[1..] : null);
    }

    private static int ParsePort(string? port, Func<string, Exception> bad)
    {
        if (port is null)
            return ShareUri.DefaultPort;
        return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 65535
            ? number
            : throw bad($"port '{port}' is not a number from 1 to 65535");
    }
}
