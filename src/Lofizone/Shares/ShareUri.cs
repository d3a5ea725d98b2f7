using System.Net;
using System.Net.Sockets;

namespace Lofizone.Shares;

/// <summary>
/// Names a share: <c>nfs://[USER[:GROUP]@]SERVER[:PORT]/export/path</c> (the form of Solaris's suri(7), IPv6 literals in brackets)
/// or <c>dir:/path</c>. The same form with a longer path names a file on a share.
/// </summary>
public sealed record ShareUri
{
    /// <summary>NFS's port (RFC 8881, section 2.2.1).</summary>
    public const int DefaultPort = 2049;

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

    /// <summary>Host name or address literal, without brackets; null for dir.</summary>
    public string? Server { get; private init; }

    public int Port { get; private init; } = DefaultPort;

    /// <summary>AUTH_SYS user and group, as written; null means root.</summary>
    public string? User { get; private init; }

    public string? Group { get; private init; }

    /// <summary>Parses a share URI; a plain absolute path is short for <c>dir:</c>.</summary>
    /// <exception cref="LofizoneException">The text is no share URI; the message says where.</exception>
    public static ShareUri Parse(string text)
    {
        if (text.StartsWith(NfsPrefix, StringComparison.Ordinal))
            return ParseNfs(text);
        string path = text.StartsWith(DirPrefix, StringComparison.Ordinal) ? text[DirPrefix.Length..] : text;
        if (!path.StartsWith('/'))
            throw Bad(text, "neither nfs://SERVER/path nor dir:/path");
        return new ShareUri(false, CleanPath(text, path));
    }

    /// <summary>The URI of something below this share.</summary>
    public ShareUri Below(string relative) => this with { Path = (Path == "/" ? "" : Path) + "/" + CleanPath(relative, "/" + relative)[1..] };

    /// <summary>The URI of the directory that holds this one's last name.</summary>
    public (ShareUri Directory, string Name) Split()
    {
        int slash = Path.LastIndexOf('/');
        return (this with { Path = slash == 0 ? "/" : Path[..slash] }, Path[(slash + 1)..]);
    }

    public override string ToString()
    {
        if (!IsNfs)
            return DirPrefix + Path;
        string identity = User is null ? "" : Group is null ? User + "@" : $"{User}:{Group}@";
        return $"{NfsPrefix}{identity}{Authority}{Path}";
    }

    /// <summary>Server and port as they stand in the URI; the port only when it isn't the default.</summary>
    public string Authority
    {
        get
        {
            string server = Server!.Contains(':') ? $"[{Server}]" : Server;
            return Port == DefaultPort ? server : $"{server}:{Port}";
        }
    }

    private static ShareUri ParseNfs(string text)
    {
        string rest = text[NfsPrefix.Length..];
        int slash = rest.IndexOf('/');
        if (slash < 0)
            throw Bad(text, "the exported path is missing after the server");
        string authority = rest[..slash];
        string path = CleanPath(text, rest[slash..]);

        string? user = null, group = null;
        int at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            string[] identity = authority[..at].Split(':');
            if (identity.Length > 2 || identity.Any(i => i.Length == 0))
                throw Bad(text, "the identity before @ is not USER or USER:GROUP");
            (user, group) = (identity[0], identity.Length == 2 ? identity[1] : null);
            authority = authority[(at + 1)..];
        }

        (string server, string? port) = SplitPort(text, authority);
        if (server.Length == 0)
            throw Bad(text, "the server's name is missing");
        return new ShareUri(true, path) { Server = server, Port = ParsePort(text, port), User = user, Group = group };
    }

    private static (string Server, string? Port) SplitPort(string text, string authority)
    {
        if (!authority.StartsWith('['))
        {
            string[] parts = authority.Split(':');
            if (parts.Length > 2)
                throw Bad(text, "an IPv6 address stands in brackets: nfs://[2001:db8::1]/path");
            if (parts[0].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
                throw Bad(text, $"'{parts[0]}' is no host name or address");
            return (parts[0], parts.Length == 2 ? parts[1] : null);
        }

        int close = authority.IndexOf(']');
        string literal = close < 0 ? "" : authority[1..close];
        if (!IPAddress.TryParse(literal, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            throw Bad(text, $"'{authority}' holds no IPv6 address in brackets");
        string after = authority[(close + 1)..];
        if (after.Length > 0 && after[0] != ':')
            throw Bad(text, $"'{after}' after the address is no port");
        return (literal, after.Length > 0 ? after[1..] : null);
    }

    private static int ParsePort(string text, string? port)
    {
        if (port is null)
            return DefaultPort;
        return int.TryParse(port, System.Globalization.NumberStyles.None, null, out int number) && number is > 0 and <= 65535
            ? number
            : throw Bad(text, $"port '{port}' is not a number from 1 to 65535");
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
        new($"{text}: not a share: {why}", "name a share as nfs://[USER[:GROUP]@]SERVER[:PORT]/export/path or dir:/path");
}
