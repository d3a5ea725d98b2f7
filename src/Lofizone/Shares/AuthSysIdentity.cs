using System.Globalization;

namespace Lofizone.Shares;

/// <summary>The numbers behind the user and group of a share's URI (AUTH_SYS sends numbers, RFC 5531 appendix A).</summary>
/// <param name="Uid">User ID.</param>
/// <param name="Gid">Group ID.</param>
public readonly record struct AuthSysIdentity(uint Uid, uint Gid)
{
    private const int NameField = 0;
    private const int IdField = 2;
    private const int GroupField = 3;

    /// <summary>Looks the names up on this host; numbers stand for themselves, no user means root.</summary>
    /// <exception cref="LofizoneException">A name is unknown here.</exception>
    public static AuthSysIdentity Of(ShareUri uri) => Of(uri, "/etc/passwd", "/etc/group");

    internal static AuthSysIdentity Of(ShareUri uri, string passwd, string group)
    {
        if (uri.User is null)
            return new AuthSysIdentity(0, 0);
        string[]? user = Find(passwd, uri.User);
        uint uid = Number(uri.User) ?? Number(user?[IdField]) ?? throw Unknown(uri, "user", uri.User);
        if (uri.Group is not null)
            return new AuthSysIdentity(uid, Number(uri.Group) ?? Number(Find(group, uri.Group)?[IdField]) ?? throw Unknown(uri, "group", uri.Group));
        // A number without an entry has no primary group: the same number is what useradd would have given.
        return new AuthSysIdentity(uid, Number(user?.ElementAtOrDefault(GroupField)) ?? uid);
    }

    private static string[]? Find(string file, string name) =>
        File.ReadLines(file).Select(l => l.Split(':')).FirstOrDefault(f => f.Length > GroupField && (f[NameField] == name || f[IdField] == name));

    private static uint? Number(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : null;

    private static LofizoneException Unknown(ShareUri uri, string kind, string name) =>
        new($"{uri}: this host knows no {kind} {name}", $"name the {kind} by its number on the server, for example nfs://1000:1000@{uri.Authority}{uri.Path}");
}
