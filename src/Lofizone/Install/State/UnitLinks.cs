using Lofizone.Install.Trees;
using Lofizone.Interop;

namespace Lofizone.Install.State;

/// <summary>
/// The links that enable systemd units. The zone gets the links that the packages' own scripts made (deb-systemd-helper remembers them). So
/// units that the administrator enabled, disabled or masked on the machine stay a matter of the machine.
/// </summary>
internal static class UnitLinks
{
    private const string State = "/var/lib/systemd/deb-systemd-helper-enabled";
    private const string Units = "/etc/systemd/system";
    private const string RecordSuffix = ".dsh-also";

    /// <summary>Links of systemd's own package, which deb-systemd-helper does not remember.</summary>
    private static readonly string[] _bySystemd = ["multi-user.target.wants/remote-fs.target", "getty.target.wants/getty@tty1.service"];

    private static readonly string[] _unitDirectories = ["/lib/systemd/system", "/usr/lib/systemd/system"];

    /// <summary>Makes the links, and returns their number.</summary>
    public static int Make(SourceTree source, TargetTree target)
    {
        int links = 0;
        foreach (string record in source.List(State).Where(n => n.EndsWith(RecordSuffix, StringComparison.Ordinal)))
        {
            string unit = record[..^RecordSuffix.Length];
            if (Find(target, unit) is not { } path || source.ReadText($"{State}/{record}") is not { } text)
                continue;
            target.WriteText($"{State}/{record}", text);
            foreach (string link in text.Split('\n')
                .Where(l => l.StartsWith(Units + "/", StringComparison.Ordinal) && !l.Contains("/../", StringComparison.Ordinal)))
            {
                string state = State + link[Units.Length..];
                if (source.CanonicalEntry(state) is not { } entry || source.Stat(entry) is not { Kind: FileKind.Regular })
                    continue;
                target.WriteText(state, "");
                target.Link(link, path);
                links++;
            }
        }

        foreach (string link in _bySystemd)
        {
            string unit = link[(link.LastIndexOf('/') + 1)..].Replace("@tty1", "@", StringComparison.Ordinal);
            if (Find(target, unit) is not { } path || target.Exists($"{Units}/{link}"))
                continue;
            target.Link($"{Units}/{link}", path);
            links++;
        }

        return links;
    }

    private static string? Find(TargetTree target, string unit) =>
        _unitDirectories.Select(d => $"{d}/{unit}").FirstOrDefault(target.Exists);
}
