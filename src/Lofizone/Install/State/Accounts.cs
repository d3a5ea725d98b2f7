using System.Globalization;
using System.Text.RegularExpressions;
using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install.State;

/// <summary>
/// Users and groups of the zone: those of every Debian system (base-passwd), and the system accounts that the copied packages' maintainer
/// scripts or sysusers.d(5) files name. The accounts keep the global zone's numbers, because files carry these numbers. The zone never gets
/// a person's account or a password.
/// </summary>
internal sealed partial class Accounts
{
    /// <summary>First user ID and group ID of people (UID_MIN of login.defs(5)).</summary>
    private const uint FirstPersonId = 1000;

    private readonly List<string[]> _users;
    private readonly List<string[]> _groups;
    private readonly HashSet<uint> _userIds;
    private readonly HashSet<uint> _groupIds;

    public Accounts(SourceTree source, PackageDatabase database, IReadOnlyList<PackageRecord> packages)
    {
        HashSet<string> words = WordsOf(source, database, packages);
        _groups = Merge(source, "/usr/share/base-passwd/group.master", "/etc/group", 4, words);
        _users = Merge(source, "/usr/share/base-passwd/passwd.master", "/etc/passwd", 7, words);
        // The members are people of the global zone. A user's own group is in passwd.
        foreach (string[] group in _groups)
            group[3] = "";
        foreach (string[] entry in _users.Concat(_groups))
            entry[1] = "x";
        _userIds = [.. _users.Select(Id)];
        _groupIds = [.. _groups.Select(Id)];
    }

    /// <summary>Entries of passwd(5) that the packages need, without passwords.</summary>
    public IReadOnlyList<string[]> Users => _users;

    /// <summary>Entries of group(5) that the packages need, without passwords.</summary>
    public IReadOnlyList<string[]> Groups => _groups;

    /// <summary>Owner of a copied file: the same account, if the zone has it; otherwise root, without set-ID bits.</summary>
    public (uint User, uint Group, int Mode) Own(CopyEntry entry)
    {
        bool user = _userIds.Contains(entry.Metadata.Uid), group = _groupIds.Contains(entry.Metadata.Gid);
        return (
            user ? entry.Metadata.Uid : 0, group ? entry.Metadata.Gid : 0,
            (int)(user && group ? entry.Metadata.Mode : entry.Metadata.Mode & 0x3FF));
    }

    public uint GroupId(string name) => _groups.FirstOrDefault(g => g[0] == name) is { } group ? Id(group) : 0;

    /// <summary>Writes the four files. Every password is locked ("*": no password matches).</summary>
    public void Write(TargetTree target, DateTimeOffset now)
    {
        long day = now.ToUnixTimeSeconds() / 86400;
        uint shadow = GroupId("shadow");
        target.WriteText("/etc/passwd", Lines(_users));
        target.WriteText("/etc/group", Lines(_groups));
        target.WriteText(
            "/etc/shadow", string.Concat(_users.Select(u => $"{u[0]}:*:{day.ToString(CultureInfo.InvariantCulture)}:0:99999:7:::\n")),
            0x1A0, shadow);
        target.WriteText("/etc/gshadow", string.Concat(_groups.Select(g => $"{g[0]}:*::\n")), 0x1A0, shadow);
        target.WriteText("/etc/subuid", "");
        target.WriteText("/etc/subgid", "");
    }

    private static List<string[]> Merge(SourceTree source, string master, string current, int fields, HashSet<string> words)
    {
        List<string[]> all = Read(source, master, fields);
        HashSet<string> names = [.. all.Select(a => a[0])];
        HashSet<uint> ids = [.. all.Select(Id)];
        foreach (string[] entry in Read(source, current, fields))
        {
            bool wanted = entry[0] == "root" || (words.Contains(entry[0]) && Id(entry) is > 0 and < FirstPersonId);
            if (wanted && names.Add(entry[0]) && ids.Add(Id(entry)))
                all.Add(entry);
        }

        return all;
    }

    private static List<string[]> Read(SourceTree source, string path, int fields) =>
        [
            .. (source.ReadText(path) ?? "").Split('\n').Select(l => l.Split(':'))
                .Where(f => f.Length == fields && uint.TryParse(f[2], CultureInfo.InvariantCulture, out _)),
        ];

    /// <summary>All words of the files in which packages name the accounts that they need.</summary>
    private static HashSet<string> WordsOf(SourceTree source, PackageDatabase database, IReadOnlyList<PackageRecord> packages)
    {
        HashSet<string> words = new(StringComparer.Ordinal);
        foreach (PackageRecord package in packages)
        {
            IEnumerable<string> scripts = database.InfoFilesOf(package)
                .Where(f => f.EndsWith(".postinst", StringComparison.Ordinal) || f.EndsWith(".preinst", StringComparison.Ordinal))
                .Select(f => $"{PackageDatabase.Directory}/info/{f}");
            IEnumerable<string> snippets = database.FilesOf(package).Where(f => f.Contains("/sysusers.d/", StringComparison.Ordinal));
            foreach (string text in scripts.Concat(snippets).Select(f => source.ReadText(f) ?? ""))
            {
                foreach (ValueMatch match in AccountName().EnumerateMatches(text))
                    words.Add(text.Substring(match.Index, match.Length));
            }
        }

        return words;
    }

    private static uint Id(string[] entry) => uint.Parse(entry[2], CultureInfo.InvariantCulture);

    private static string Lines(IEnumerable<string[]> entries) => string.Concat(entries.Select(e => string.Join(':', e) + "\n"));

    [GeneratedRegex("[a-z_][a-z0-9_-]*")]
    private static partial Regex AccountName();
}
