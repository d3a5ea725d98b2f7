using System.Text.RegularExpressions;
using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;
using Lofizone.Interop;

namespace Lofizone.Install.State;

/// <summary>
/// The global zone's package sources and their public keys, so that apt works in the zone. A source with a user name or password in its URI
/// is left out, and so is all of apt's auth.conf.
/// </summary>
internal static partial class AptSources
{
    private const string Parts = "/etc/apt/sources.list.d";

    /// <summary>Copies the sources. Returns lines for the log, one per source that is left out.</summary>
    public static IReadOnlyList<string> Make(SourceTree source, TargetTree target)
    {
        List<string> notes = [];
        if (source.ReadText("/etc/apt/sources.list") is { } list)
            target.WriteText("/etc/apt/sources.list", Keep("/etc/apt/sources.list", list.Split('\n'), "\n", notes));
        foreach (string name in source.List(Parts))
        {
            string path = $"{Parts}/{name}";
            if (!name.EndsWith(".list", StringComparison.Ordinal) && !name.EndsWith(".sources", StringComparison.Ordinal))
                continue;
            if (source.CanonicalEntry(path) is not { } canonical || source.Stat(canonical) is not { Kind: FileKind.Regular }
                || source.ReadText(canonical) is not { } text)
                continue;
            string kept = name.EndsWith(".list", StringComparison.Ordinal)
                ? Keep(path, text.Split('\n'), "\n", notes)
                : Keep(path, ControlParagraph.Split(text).Select(p => p.Text), "\n\n", notes);
            target.WriteText(path, kept.TrimEnd('\n') + "\n");
            CopyKeys(source, target, kept);
        }

        return notes;
    }

    private static string Keep(string path, IEnumerable<string> entries, string separator, List<string> notes)
    {
        List<string> kept = [];
        foreach (string entry in entries)
        {
            if (UserInfo().IsMatch(entry))
                notes.Add($"{path}: a package source whose URI carries credentials: not copied");
            else
                kept.Add(entry);
        }

        return string.Join(separator, kept);
    }

    private static void CopyKeys(SourceTree source, TargetTree target, string text)
    {
        foreach (Match match in KeyFile().Matches(text))
        {
            string path = match.Groups[1].Value;
            if (!target.Exists(path) && !path.Contains("/../", StringComparison.Ordinal) && source.ReadBytes(path) is { } key)
                target.WriteFile(path, key);
        }
    }

    [GeneratedRegex("[a-z+]+://[^/\\s]*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(
        "[Ss]igned-[Bb]y\\s*[:=]\\s*(/(?:etc/apt/keyrings|usr/share/keyrings|etc/apt/trusted\\.gpg\\.d)/[A-Za-z0-9._/-]+\\.(?:gpg|asc))")]
    private static partial Regex KeyFile();
}
