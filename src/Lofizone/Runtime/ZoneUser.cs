using System.Globalization;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>A user of a zone, as the zone's own passwd(5) and group(5) name the user. Neither file is trusted.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Uid">The user's ID in the zone, below the number of IDs that the zone has.</param>
/// <param name="Gid">The ID of the user's first group in the zone.</param>
/// <param name="Groups">IDs of the user's other groups.</param>
/// <param name="Home">A directory that exists in the zone.</param>
/// <param name="Shell">A program that exists in the zone.</param>
internal sealed record ZoneUser(string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home, string Shell)
{
    public const string Root = "root";

    /// <summary>The most groups of a user that count.</summary>
    public const int GroupsLimit = 1024;

    private const int FileLimitBytes = 1 << 20;
    private const string DefaultShell = "/bin/sh";
    private const string BusyBox = "/bin/busybox";
    private static readonly string[] _shells = ["/bin/bash", DefaultShell, BusyBox];

    public bool IsRoot => Uid == 0;

    /// <summary>The shell's program with the arguments that make the program a shell.</summary>
    public IReadOnlyList<string> ShellWords => Shell == BusyBox ? [Shell, "sh"] : [Shell];

    /// <summary>Finds a user. Root needs no entry in the zone's files.</summary>
    /// <param name="zone">The zone's name, for messages.</param>
    /// <param name="root">The zone's root directory on the host.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="idCount">Number of the zone's IDs.</param>
    /// <exception cref="LofizoneException">The zone has no such user, or the user's ID is none of the zone's.</exception>
    public static ZoneUser Find(string zone, string root, string name, uint idCount)
    {
        string[]? entry = Lines(root, "/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length == 7 && f[0] == name);
        if (name == Root)
            return new ZoneUser(name, 0, 0, [], HomeOf(root, "/root"), ShellOf(root, entry?[6]));
        if (entry is null)
            throw new LofizoneException(
                $"zone {zone}: has no user {SafeText.Text(name)}", $"the users of the zone: zone login {zone} -- cat /etc/passwd");
        if (Id(entry[2], idCount) is not { } uid || Id(entry[3], idCount) is not { } gid)
            throw new LofizoneException(
                $"zone {zone}: user {SafeText.Text(name)} has an ID that the zone does not have: {SafeText.Text(entry[2])}:"
                + $"{SafeText.Text(entry[3])}",
                $"give the user an ID below {idCount} in the zone's /etc/passwd");
        return new ZoneUser(name, uid, gid, GroupsOf(root, name, idCount), HomeOf(root, entry[5]), ShellOf(root, entry[6]));
    }

    /// <summary>Root without a look into the zone's files, for a zone whose files are damaged.</summary>
    public static ZoneUser Safe(string root) => new(Root, 0, 0, [], "/", ShellOf(root, DefaultShell));

    private static string[] Lines(string root, string file) =>
        Encoding.UTF8.GetString(RootedPath.Read(root, file, FileLimitBytes) ?? []).Split('\n');

    private static uint? Id(string text, uint idCount) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id < idCount ? id : null;

    private static uint[] GroupsOf(string root, string name, uint idCount) =>
    [
        .. Lines(root, "/etc/group").Select(l => l.Split(':'))
            .Where(f => f.Length == 4 && f[3].Trim().Split(',').Contains(name))
            .Select(f => Id(f[2], idCount)).OfType<uint>().Distinct().Take(GroupsLimit),
    ];

    private static string HomeOf(string root, string named) =>
        named is ['/', ..] && RootedPath.IsDirectory(root, named) ? named : "/";

    private static string ShellOf(string root, string? named)
    {
        IEnumerable<string> candidates = named?.Trim() is ['/', ..] shell ? _shells.Prepend(shell) : _shells;
        return candidates.FirstOrDefault(s => RootedPath.Resolve(root, s) is not null) ?? DefaultShell;
    }
}
