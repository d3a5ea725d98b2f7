using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lofizone.Config;

/// <summary>
/// An interface's address with the prefix length of its network. Parsing is strict: no short forms (10.1), octal numbers, zones (%eth0) or
/// brackets.
/// </summary>
/// <param name="Address">IPv4 or IPv6 address of the interface.</param>
/// <param name="PrefixLength">1 to 32 or 1 to 128.</param>
public sealed record InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Reads ADDRESS/PREFIX.</summary>
    /// <returns>The address, or the fault of the text.</returns>
    public static (InterfaceAddress? Address, string? Problem) Parse(string text)
    {
        int slash = text.IndexOf('/');
        string host = slash < 0 ? text : text[..slash];
        if (ParseHost(host) is not { } address)
            return (null, $"'{SafeText.Text(host)}' is no IPv4 or IPv6 address");
        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash < 0)
            return (null, $"the prefix length is missing, write {host}/{(bits == 32 ? 24 : 64)} for example");
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix) || prefix < 1
            || prefix > bits)
            return (null, $"prefix length '{SafeText.Text(text[(slash + 1)..])}' is not a number from 1 to {bits}");
        InterfaceAddress result = new(address, prefix);
        return result.UnusableBecause() is { } problem ? (null, $"{host} {problem}") : (result, null);
    }

    /// <summary>Parses an address without a prefix. Null when the text is not an address.</summary>
    public static IPAddress? ParseHost(string text)
    {
        if (!IPAddress.TryParse(text, out IPAddress? address))
            return null;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address.ToString() == text ? address : null;
        return text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') ? address : null;
    }

    /// <summary>True when another address lies in this address's network.</summary>
    public bool Reaches(IPAddress other) =>
        other.AddressFamily == Address.AddressFamily && new IPNetwork(Network(), PrefixLength).Contains(other);

    private string? UnusableBecause()
    {
        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any))
            return "stands for no address";
        if (IPAddress.IsLoopback(Address))
            return "is a loopback address, which every zone has anyway";
        if (Address.IsIPv6Multicast || (Address.AddressFamily == AddressFamily.InterNetwork && Address.GetAddressBytes()[0] >= 224))
            return "is a multicast or reserved address";
        if (Address.AddressFamily != AddressFamily.InterNetwork || PrefixLength > 30)
            return null;
        if (Address.Equals(Network()))
            return $"is the address of the network /{PrefixLength} itself, not of a host in it";
        return Address.Equals(Broadcast()) ? $"is the broadcast address of its network /{PrefixLength}" : null;
    }

    private IPAddress Network() => WithHostBits(false);

    private IPAddress Broadcast() => WithHostBits(true);

    private IPAddress WithHostBits(bool value)
    {
        byte[] bytes = Address.GetAddressBytes();
        for (int bit = PrefixLength; bit < bytes.Length * 8; bit++)
        {
            byte mask = (byte)(0x80 >> (bit % 8));
            bytes[bit / 8] = (byte)(value ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
        }

        return new IPAddress(bytes);
    }
}
