using System.Text;

namespace Lofizone.Hosts;

/// <summary>Another host, with its ID and its name.</summary>
public sealed record KnownHost(string Id, string Name);

/// <summary>
/// The hosts that this host knows: <c>/etc/lofizone/hosts</c>, one line per host with its ID (<see cref="HostIdentity"/>), a blank and its
/// name; <c>#</c> starts a comment. A fence agent may end only a host of this list, because the content of a share must not choose the
/// host.
/// </summary>
public sealed class KnownHosts(HostPaths paths)
{
    private const int IdDigits = 32;
    private static readonly TimeSpan _lockLimit = TimeSpan.FromSeconds(10);

    /// <summary>All known hosts, in the order of the file.</summary>
    /// <exception cref="LofizoneException">A line has not this form.</exception>
    public IReadOnlyList<KnownHost> Read()
    {
        string text = Encoding.UTF8.GetString(HostFile.Read(paths.KnownHosts) ?? []);
        List<KnownHost> hosts = [];
        foreach ((int index, string line) in text.Split('\n').Index())
        {
            string[] words = line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words.Length != 2 || !IsId(words[0]) || !new ForeignText(words[1]).IsWord)
                throw new LofizoneException(
                    $"{paths.KnownHosts}: line {index + 1} is no host",
                    "write on each line the host's ID, a blank and its name; 'zone hosts' on that host prints the line");
            hosts.Add(new KnownHost(words[0], words[1]));
        }

        return hosts;
    }

    /// <summary>
    /// Tells whether a record on a share may name this host to a program. The host must be known by this name, and by this ID when the
    /// record has an ID.
    /// </summary>
    /// <param name="name">The host's name.</param>
    /// <param name="id">The host's ID; null when the record does not have it.</param>
    public bool Knows(ForeignText name, ForeignText? id) => Read().Any(h => h.Name == name.Raw && (id is null || h.Id == id.Value.Raw));

    /// <summary>
    /// Notes a host that this host has reached by a way of its own choice. A host is not noted when it gives itself another name than the
    /// name that reached it, or when its ID or name belongs to another noted host. Then a person must decide.
    /// </summary>
    /// <param name="id">The ID that the host states.</param>
    /// <param name="name">The name that the host states.</param>
    /// <param name="calledBy">The name that reached the host: HOST, or USER@HOST.</param>
    public void Learn(ForeignText id, ForeignText name, string calledBy)
    {
        string host = calledBy[(calledBy.LastIndexOf('@') + 1)..];
        if (!IsId(id.Raw) || !name.IsWord || !string.Equals(FirstLabel(host), FirstLabel(name.Raw), StringComparison.OrdinalIgnoreCase))
            return;
        using HostLock held = HostLock.Take(paths, ".hosts", "move", _lockLimit);
        if (Read().Any(h => h.Id == id.Raw || h.Name == name.Raw))
            return;
        string before = Encoding.UTF8.GetString(HostFile.Read(paths.KnownHosts) ?? []);
        string newline = before.Length == 0 || before.EndsWith('\n') ? "" : "\n";
        HostFile.Write(paths.KnownHosts, Encoding.UTF8.GetBytes($"{before}{newline}{id.Raw} {name.Raw}\n"));
    }

    private static string FirstLabel(string host) => host.Split('.')[0];

    private static bool IsId(string id) => id.Length == IdDigits && id.All(char.IsAsciiHexDigitLower);
}
