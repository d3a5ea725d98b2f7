using System.Globalization;
using Lofizone.Nfs.Options;

namespace Lofizone.Shares;

/// <summary>
/// The URI of a share: <c>nfs://[USER[:GROUP]@]SERVER[:PORT][,SERVER[:PORT]...]/export/path[?OPTION=VALUE[&amp;OPTION=VALUE]]</c> (the form
/// of Solaris's suri(7), IPv6 literals in brackets) or <c>dir:/path</c>. Several addresses are several paths to one server, in any order.
/// The options are <c>connections=N</c> and <c>transport=kernel|user</c>. Path and identity may be percent-encoded (RFC 3986): <c>%20</c>
/// is a space. The same form with a longer path names a file on a share.
/// </summary>
public sealed record ShareUri
{
    /// <summary>Port of NFS (RFC 8881 section 2.2.1).</summary>
    public const int DefaultPort = 2049;

    /// <summary>Largest number of addresses of one server.</summary>
    public const int AddressesLimit = 8;

    private const string ConnectionsOption = "connections";
    private const string TransportOption = "transport";
    private const string NfsPrefix = "nfs://";
    private const string DirPrefix = "dir:";

    private ShareUri(bool isNfs, string path)
    {
        IsNfs = isNfs;
        Path = path;
    }

    public bool IsNfs { get; }

    /// <summary>Absolute path without a trailing slash: on the server for nfs, on this host for dir.</summary>
    public string Path { get; private init; }

    /// <summary>
    /// The server's addresses in the canonical URI: sorted, separated by commas, with ports only where they are not the default. Empty for
    /// dir.
    /// </summary>
    public string Authority { get; private init; } = "";

    /// <summary>The server's addresses, sorted. Each address is a path of its own. Empty for dir.</summary>
    public IReadOnlyList<ShareAddress> Addresses =>
        Authority.Length == 0 ? [] : [.. Authority.Split(',').Select(address => ShareAddress.Parse(address, why => Bad(Authority, why)))];

    /// <summary>Host of the first address; null for dir.</summary>
    public string? Server => IsNfs ? Addresses[0].Host : null;

    /// <summary>Port of the first address.</summary>
    public int Port => IsNfs ? Addresses[0].Port : DefaultPort;

    /// <summary>All addresses but the first, for a client.</summary>
    public IReadOnlyList<NfsAddress> OtherAddresses => [.. Addresses.Skip(1).Select(address => new NfsAddress(address.Host, address.Port))];

    /// <summary>Number of connections to each address, 1..16; null for the default.</summary>
    public int? Connections { get; private init; }

    /// <summary>The NFS client for the images' data; null leaves the choice to the host (<see cref="TransportChoice"/>).</summary>
    public NfsTransport? Transport { get; private init; }

    /// <summary>User and group of the AUTH_SYS credential, in the URI's spelling; null means root.</summary>
    public string? User { get; private init; }

    public string? Group { get; private init; }

    /// <summary>Parses a share URI. A plain absolute path is short for <c>dir:</c>.</summary>
    /// <exception cref="LofizoneException">The text is not a share URI. The message names the fault and its place.</exception>
    public static ShareUri Parse(string text)
    {
        if (text.StartsWith(NfsPrefix, StringComparison.Ordinal))
            return ParseNfs(text);
        // A plain path is not a URI, so its characters are never decoded.
        string path = text.StartsWith(DirPrefix, StringComparison.Ordinal)
            ? UriText.Decode(text[DirPrefix.Length..], why => Bad(text, why))
            : text;
        if (!path.StartsWith('/'))
            throw Bad(text, "neither nfs://SERVER/path nor dir:/path");
        return new ShareUri(false, CleanPath(text, path));
    }

    /// <summary>The URI of a file or directory below this share.</summary>
    public ShareUri Below(string relative) =>
        this with { Path = (Path == "/" ? "" : Path) + "/" + CleanPath(relative, "/" + relative)[1..] };

    /// <summary>The URI of the parent directory, and the last name.</summary>
    public (ShareUri Directory, string Name) Split()
    {
        int slash = Path.LastIndexOf('/');
        return (this with { Path = slash == 0 ? "/" : Path[..slash] }, Path[(slash + 1)..]);
    }

    public override string ToString()
    {
        if (!IsNfs)
            return DirPrefix + UriText.EncodePath(Path);
        string identity = User is null ? ""
            : Group is null ? UriText.EncodeName(User) + "@"
            : $"{UriText.EncodeName(User)}:{UriText.EncodeName(Group)}@";
        List<string> options = [];
        if (Connections is { } connections)
            options.Add($"{ConnectionsOption}={connections}");
        if (Transport is { } transport)
            options.Add($"{TransportOption}={transport.Name()}");
        return $"{NfsPrefix}{identity}{Authority}{UriText.EncodePath(Path)}{(options.Count > 0 ? "?" : "")}{string.Join('&', options)}";
    }

    /// <summary>True when both URIs name one file or directory, whatever their addresses, options and identities.</summary>
    public bool IsSamePlace(ShareUri other) =>
        IsNfs == other.IsNfs && Path == other.Path && (!IsNfs || Addresses.Intersect(other.Addresses).Any());

    private static ShareUri ParseNfs(string text)
    {
        string rest = text[NfsPrefix.Length..];
        int slash = rest.IndexOf('/');
        if (slash < 0)
            throw Bad(text, "the exported path is missing after the server");
        string authority = rest[..slash];
        int question = rest.IndexOf('?', slash);
        (int? connections, NfsTransport? transport) = question < 0 ? (null, null) : ParseOptions(text, rest[(question + 1)..]);
        string path = CleanPath(text, UriText.Decode(question < 0 ? rest[slash..] : rest[slash..question], why => Bad(text, why)));

        string? user = null, group = null;
        int at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            string[] identity = authority[..at].Split(':');
            if (identity.Length > 2 || identity.Any(i => i.Length == 0))
                throw Bad(text, "the identity before @ is not USER or USER:GROUP");
            string[] names = [.. identity.Select(i => UriText.Decode(i, why => Bad(text, why)))];
            if (names.Any(n => n.Any(char.IsControl)))
                throw Bad(text, "the identity before @ holds a control character");
            (user, group) = (names[0], names.Length == 2 ? names[1] : null);
            authority = authority[(at + 1)..];
        }

        string[] addresses = authority.Split(',');
        if (addresses.Length > AddressesLimit)
            throw Bad(text, $"{addresses.Length} addresses, at most {AddressesLimit} are allowed");
        string canonical = string.Join(',', addresses
            .Select(address => ShareAddress.Parse(address, why => Bad(text, why)))
            .Distinct().OrderBy(address => address.Host, StringComparer.Ordinal).ThenBy(address => address.Port));
        return new ShareUri(true, path)
        {
            Authority = canonical,
            Connections = connections,
            Transport = transport,
            User = user,
            Group = group,
        };
    }

    private static (int? Connections, NfsTransport? Transport) ParseOptions(string text, string options)
    {
        int? connections = null;
        NfsTransport? transport = null;
        HashSet<string> seen = [];
        foreach (string option in options.Split('&'))
        {
            string[] parts = option.Split('=', 2);
            if (parts.Length != 2 || parts[0] is not (ConnectionsOption or TransportOption))
                throw Bad(text, $"'{option}' after '?' is no option, which are {ConnectionsOption}=N and {TransportOption}=kernel or user");
            if (!seen.Add(parts[0]))
                throw Bad(text, $"the option {parts[0]} stands there twice");
            if (parts[0] == ConnectionsOption)
                connections = int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    && number is >= 1 and <= NfsClientOptions.ConnectionsLimit
                    ? number
                    : throw Bad(text, $"{ConnectionsOption} '{parts[1]}' is not a number from 1 to {NfsClientOptions.ConnectionsLimit}");
            else
                transport = NfsTransports.Parse(parts[1]) ?? throw Bad(text, $"{TransportOption} '{parts[1]}' is neither kernel nor user");
        }
        return (connections, transport);
    }

    private static string CleanPath(string text, string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Any(n => n is "." or ".."))
            throw Bad(text, "the path holds '.' or '..'");
        if (names.Any(n => n.Length > 255) || path.Any(char.IsControl))
            throw Bad(text, "the path holds a name over 255 characters or a control character");
        return "/" + string.Join('/', names);
    }

    private static LofizoneException Bad(string text, string why) =>
        new(
            $"{text}: not a share: {why}",
            "name a share as nfs://[USER[:GROUP]@]SERVER[:PORT][,SERVER[:PORT]...]/export/path[?connections=N&transport=kernel|user] "
            + "or dir:/path");
}
