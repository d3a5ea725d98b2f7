using System.Globalization;

namespace Lofizone.Shares;

/// <summary>The AUTH_SYS identity of a share URI, given as numbers or as names of this host's /etc/passwd and /etc/group.</summary>
/// <param name="Uid">User number.</param>
/// <param name="Gid">Group number.</param>
public sealed record NfsIdentity(uint Uid, uint Gid)
{
    private const string PasswdFile = "/etc/passwd";
    private const string GroupFile = "/etc/group";

    /// <summary>Resolves user and group. Without a group the user's own group counts; without a user root's identity counts.</summary>
    /// <exception cref="LofizoneException">A name is not known on this host.</exception>
    public static NfsIdentity Of(ShareUri uri, string passwdFile = PasswdFile, string groupFile = GroupFile)
    {
        if (uri.User is not { Length: > 0 } user)
            return new NfsIdentity(0, 0);
        string[]? account = Find(passwdFile, user);
        if (!uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out uint uid) && !Number(account, 2, out uid))
        {
            throw new LofizoneException(
                $"{uri}: user '{user}' is not known on this host",
                $"write the user's number on the server instead of the name: nfs://1000@{uri.Authority}{uri.Path}");
        }
        if (uri.Group is { Length: > 0 } group)
        {
            if (!uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint named)
                && !Number(Find(groupFile, group), 2, out named))
                throw new LofizoneException(
                    $"{uri}: group '{group}' is not known on this host", "write the group's number on the server instead of the name");
            return new NfsIdentity(uid, named);
        }
        // On most servers a user number without an account here has a group of the same number.
        return new NfsIdentity(uid, Number(account, 3, out uint gid) ? gid : uid);
    }

    /// <summary>The line of passwd(5) or group(5) with that name, or with that number as the user.</summary>
    private static string[]? Find(string file, string nameOrNumber)
    {
        if (!File.Exists(file))
            return null;
        return File.ReadLines(file)
            .Select(line => line.Split(':'))
            .FirstOrDefault(fields => fields.Length > 2 && (fields[0] == nameOrNumber || fields[2] == nameOrNumber));
    }

    private static bool Number(string[]? fields, int field, out uint number)
    {
        number = 0;
        return fields is not null && fields.Length > field
            && uint.TryParse(fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
