using System.Globalization;
using Lofizone.Install.State;
using Lofizone.Install.Trees;

namespace Lofizone.Install.Update;

/// <summary>
/// The zone's users and groups during an update. Files of the new packages get the zone's accounts of the same name, whatever their numbers
/// in the global zone. Accounts that the packages need and the zone lacks are added, locked.
/// </summary>
internal sealed class ZoneAccounts
{
    /// <summary>Range of numbers for system accounts (adduser.conf(5), FIRST_SYSTEM_UID to LAST_SYSTEM_UID).</summary>
    private const uint FirstSystemId = 100, LastSystemId = 999;

    private const int PermissionBits = 0x3FF;

    private readonly SourceTree _zone;
    private readonly AccountFile _users;
    private readonly AccountFile _groups;

    public ZoneAccounts(SourceTree global, SourceTree zone, Accounts needed)
    {
        _zone = zone;
        _groups = new AccountFile(global, zone, "/etc/group", needed.Groups);
        _users = new AccountFile(global, zone, "/etc/passwd", needed.Users);
    }

    /// <summary>Owner of a copied file in the zone. Root without set-ID bits when the zone lacks the account.</summary>
    public (uint User, uint Group, int Mode) Own(CopyEntry entry)
    {
        uint? user = _users.InZone(entry.Metadata.Uid), group = _groups.InZone(entry.Metadata.Gid);
        bool isKnown = user is not null && group is not null;
        return (user ?? 0, group ?? 0, (int)(isKnown ? entry.Metadata.Mode : entry.Metadata.Mode & PermissionBits));
    }

    /// <summary>Adds the missing accounts to the four files.</summary>
    public void Write(TargetTree target, DateTimeOffset now)
    {
        string day = (now.ToUnixTimeSeconds() / 86400).ToString(CultureInfo.InvariantCulture);
        foreach (string[] user in _users.Added)
            user[3] = (uint.TryParse(user[3], CultureInfo.InvariantCulture, out uint group) ? _groups.InZone(group) ?? 0 : 0)
                .ToString(CultureInfo.InvariantCulture);
        Append(target, "/etc/group", _groups.Added.Select(g => string.Join(':', g)));
        Append(target, "/etc/gshadow", _groups.Added.Select(g => $"{g[0]}:*::"));
        Append(target, "/etc/passwd", _users.Added.Select(u => string.Join(':', u)));
        Append(target, "/etc/shadow", _users.Added.Select(u => $"{u[0]}:*:{day}:0:99999:7:::"));
    }

    private void Append(TargetTree target, string path, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (all.Length == 0 || _zone.ReadText(path) is not { } text)
            return;
        string separator = text.Length == 0 || text.EndsWith('\n') ? "" : "\n";
        Interop.FileStatus metadata = _zone.Stat(_zone.CanonicalEntry(path)!)!;
        target.WriteText(
            path, text + separator + string.Concat(all.Select(l => l + "\n")), (int)(metadata.Mode & PermissionBits), metadata.Gid);
    }

    /// <summary>passwd(5) or group(5) of both systems. Name, password and number are the first fields of both files.</summary>
    private sealed class AccountFile
    {
        private readonly Dictionary<uint, string> _globalNames = [];
        private readonly Dictionary<string, uint> _zoneIds = new(StringComparer.Ordinal);

        public AccountFile(SourceTree global, SourceTree zone, string path, IReadOnlyList<string[]> needed)
        {
            foreach (string[] entry in Read(global, path))
                _globalNames.TryAdd(Id(entry), entry[0]);
            foreach (string[] entry in Read(zone, path))
                _zoneIds.TryAdd(entry[0], Id(entry));
            HashSet<uint> taken = [.. _zoneIds.Values];
            foreach (string[] entry in needed.Where(e => !_zoneIds.ContainsKey(e[0])))
            {
                uint id = taken.Contains(Id(entry)) ? Free(taken) : Id(entry);
                taken.Add(id);
                _zoneIds[entry[0]] = id;
                Added.Add([entry[0], entry[1], id.ToString(CultureInfo.InvariantCulture), .. entry[3..]]);
            }
        }

        public List<string[]> Added { get; } = [];

        public uint? InZone(uint globalId) => globalId == 0 ? 0
            : _globalNames.TryGetValue(globalId, out string? name) && _zoneIds.TryGetValue(name, out uint id) ? id
            : null;

        private static IEnumerable<string[]> Read(SourceTree tree, string path) =>
            (tree.ReadText(path) ?? "").Split('\n').Select(l => l.Split(':'))
                .Where(f => f.Length >= 3 && uint.TryParse(f[2], CultureInfo.InvariantCulture, out _));

        private static uint Id(string[] entry) => uint.Parse(entry[2], CultureInfo.InvariantCulture);

        private static uint Free(HashSet<uint> taken)
        {
            for (uint id = LastSystemId; id >= FirstSystemId; id--)
            {
                if (!taken.Contains(id))
                    return id;
            }

            throw new LofizoneException("the zone has no free number for a system account", "remove accounts that it does not need");
        }
    }
}
