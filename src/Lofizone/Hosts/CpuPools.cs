namespace Lofizone.Hosts;

/// <summary>
/// The host's pools of CPUs, which zones name by <c>pool</c>: the file /etc/lofizone/pools with a name and a list of CPUs on each line
/// (<c>batch 2-3</c>), written by the administrator. A '#' begins a comment.
/// </summary>
public static class CpuPools
{
    /// <summary>The pool of every zone that names none: all CPUs.</summary>
    public const string Default = "pool_default";

    /// <summary>Largest size of the file, bytes.</summary>
    private const int LimitBytes = 64 << 10;

    /// <summary>The CPUs of a pool; null for all.</summary>
    /// <exception cref="LofizoneException">The host has no such pool, or its line is broken.</exception>
    public static CpuList? Find(HostPaths paths, string name)
    {
        if (name == Default)
            return null;
        string text = System.Text.Encoding.UTF8.GetString(HostFile.Read(paths.Pools) is { Length: <= LimitBytes } content ? content : []);
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is not [var pool, ..] || pool != name)
                continue;
            return words.Length == 2 && CpuList.Parse(words[1]) is { } cpus
                ? cpus
                : throw new LofizoneException($"{paths.Pools}: pool {name}: no list of CPUs", $"write '{name} 0-1'");
        }

        throw new LofizoneException($"pool: this host has no pool {name}", $"add a line to {paths.Pools}: '{name} 0-1'");
    }
}
