using System.Text;
using System.Text.RegularExpressions;

namespace Lofizone.Install.Dpkg;

/// <summary>
/// The path-exclude and path-include options of dpkg.cfg(5): files that packages ship and that the administrator of the global zone keeps
/// out. Container images often keep out documentation. A file that is missing for this reason is no error. As in dpkg, the last matching
/// pattern decides, and '*' also matches slashes.
/// </summary>
internal sealed class PathExclusions
{
    private readonly List<(bool Exclude, Regex Pattern)> _rules = [];

    public static PathExclusions Parse(IEnumerable<string> configurationFiles)
    {
        PathExclusions exclusions = new();
        foreach (string line in configurationFiles.SelectMany(f => f.Split('\n')).Select(l => l.Trim()))
        {
            int split = line.IndexOfAny(['=', ' ', '\t']);
            if (split < 0 || line[..split] is not ("path-exclude" or "path-include"))
                continue;
            string pattern = line[split..].TrimStart('=', ' ', '\t').Trim('"');
            exclusions._rules.Add((line.StartsWith("path-exclude", StringComparison.Ordinal), ToRegex(pattern)));
        }

        return exclusions;
    }

    public bool Excludes(string path)
    {
        for (int i = _rules.Count - 1; i >= 0; i--)
        {
            if (_rules[i].Pattern.IsMatch(path))
                return _rules[i].Exclude;
        }

        return false;
    }

    private static Regex ToRegex(string glob)
    {
        StringBuilder text = new("^");
        for (int i = 0; i < glob.Length; i++)
        {
            int close = glob[i] == '[' ? glob.IndexOf(']', Math.Min(i + 2, glob.Length)) : -1;
            if (close > 0)
            {
                text.Append('[').Append(
                    glob[i + 1] == '!' ? "^" + Regex.Escape(glob[(i + 2)..close]).Replace("\\-", "-") : glob[(i + 1)..close]).Append(']');
                i = close;
            }
            else
            {
                text.Append(glob[i] switch { '*' => ".*", '?' => ".", char c => Regex.Escape(c.ToString()) });
            }
        }

        return new Regex(
            text.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }
}
