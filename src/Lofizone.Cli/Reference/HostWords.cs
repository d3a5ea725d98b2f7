using Lofizone.Zones;

namespace Lofizone.Cli.Reference;

/// <summary>The words of a host that a command line can name. The class reads only files, because it runs at every TAB.</summary>
internal sealed class HostWords(ZoneHost host)
{
    /// <summary>The words for a metavariable. An unknown metavariable has no words.</summary>
    public IEnumerable<Candidate> For(string metavar) => metavar.Split('|').SelectMany(Kind).Where(c => c.Word.All(SafeText.IsSafe));

    private IEnumerable<Candidate> Kind(string metavar) => metavar switch
    {
        "NAME" or "ZONE" or "ZONES" => Records().Select(r => new Candidate(r.Config.Name, $"zone, {r.State.Text()}")),
        "SHARE" or "URI" => Records().Select(r => r.Config.RootImage?.Storage).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(s => new Candidate(s, "share")),
        "DEVICE" => Devices().Select(d => new Candidate(d, "lofi device")),
        "HOST" => Neighbours().Select(h => new Candidate(h, "host")),
        "FILE" or "PATH" or "PROGRAM" => [Candidate.Files],
        _ => [],
    };

    private List<ZoneRecord> Records()
    {
        List<ZoneRecord> records = [];
        foreach (string name in Quietly(host.Index.Names))
        {
            // A record that can't be read gives no words. `zone list` reports such a record.
            if (Quietly<ZoneRecord>(() => host.Index.Load(name) is { } record ? [record] : []) is [var sound])
                records.Add(sound);
        }

        return records;
    }

    private IReadOnlyList<string> Devices() =>
        Quietly<string>(() => [.. Directory.EnumerateFileSystemEntries(host.Paths.DevLofi).Order(StringComparer.Ordinal)]);

    private IReadOnlyList<string> Neighbours() => Quietly<string>(() =>
        [.. File.ReadLines(host.Paths.Neighbours).Take(1000).Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#'))]);

    /// <summary>Reads words. A failure gives no words instead of a message in the middle of the command line.</summary>
    private static IReadOnlyList<T> Quietly<T>(Func<IReadOnlyList<T>> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or LofizoneException)
        {
            return [];
        }
    }
}
