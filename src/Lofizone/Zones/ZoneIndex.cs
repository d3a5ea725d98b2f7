using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lofizone.Hosts;
using Lofizone.Logs;

namespace Lofizone.Zones;

/// <summary>The host's zones, one small file each. Every command reads the files anew, and no daemon keeps them.</summary>
public sealed class ZoneIndex(HostPaths paths)
{
    private const string Suffix = ".json";
    private const string RunFile = "state.json";

    /// <summary>Names of all configured zones, sorted.</summary>
    public IReadOnlyList<string> Names() =>
        [.. HostFile.NamesIn(paths.ZoneIndex)
            .Where(f => f.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(f => f[..^Suffix.Length])
            .Where(n => !n.StartsWith('.'))
            .Order(StringComparer.Ordinal)];

    /// <summary>The zone's record; null when no such zone is configured.</summary>
    public ZoneRecord? Load(string name)
    {
        ZoneRecord? record = Read(RecordPath(name), ZonesJson.Default.ZoneRecord);
        if (record is null)
            return null;
        if (record.Version != ZoneRecord.CurrentVersion)
            throw new LofizoneException(
                $"{RecordPath(name)}: format version {record.Version} is not known here", "use the version of Lofizone that wrote it");
        if (record.Config.Name != name)
            throw new LofizoneException(
                $"{RecordPath(name)}: holds a zone named '{record.Config.Name}'", "give the file the name of its zone");
        return record;
    }

    public void Save(ZoneRecord record)
    {
        NoteState(record.Config.Name, () => Write(RecordPath(record.Config.Name), record, ZonesJson.Default.ZoneRecord));
        // The zone was given away, lost, or is made anew. This host forgets the zone's earlier requests for reboots.
        if (record.State != ZoneState.Installed)
            DeleteReboots(record.Config.Name);
    }

    public void Delete(string name)
    {
        NoteState(name, () => HostFile.Delete(RecordPath(name)));
        DeleteReboots(name);
    }

    /// <summary>The runtime state; null when the zone is not up.</summary>
    public ZoneRun? LoadRun(string name) => Read(RunPath(name), ZonesJson.Default.ZoneRun);

    public void SaveRun(string name, ZoneRun run) =>
        NoteState(name, () => Write(RunPath(name), run, ZonesJson.Default.ZoneRun));

    public void DeleteRun(string name) => NoteState(name, () => HostFile.Delete(RunPath(name)));

    /// <summary>The note about the zone's reboots in a row; null when the zone has asked for none.</summary>
    public ZoneReboots? LoadReboots(string name) => Read(RebootsPath(name), ZonesJson.Default.ZoneReboots);

    public void SaveReboots(string name, ZoneReboots reboots) => Write(RebootsPath(name), reboots, ZonesJson.Default.ZoneReboots);

    public void DeleteReboots(string name) => HostFile.Delete(RebootsPath(name));

    /// <summary>The next zone ID. A lock makes sure that two boots at the same time get different IDs.</summary>
    public int NextId()
    {
        using HostLock counter = HostLock.Take(paths, ".zone-id", "zone ID", TimeSpan.FromSeconds(5));
        string path = Path.Combine(paths.Run, "next-zone-id");
        int next = int.TryParse(System.Text.Encoding.ASCII.GetString(HostFile.Read(path) ?? []), out int stored) && stored > 0 ? stored : 1;
        HostFile.Write(path, System.Text.Encoding.ASCII.GetBytes($"{next + 1}"));
        return next;
    }

    /// <summary>
    /// Changes a file of the zone, and notes the change of the zone's state that this is. All changes of a state that a command makes go
    /// through here. A state that comes by itself (down, fenced) is noted by whoever finds it.
    /// </summary>
    private void NoteState(string name, Action change)
    {
        string? before = Stored(name);
        change();
        EventLog.AddState(paths, name, before, Stored(name));
    }

    private string? Stored(string name)
    {
        try
        {
            return (LoadRun(name)?.Phase ?? Load(name)?.State)?.Text();
        }
        catch (LofizoneException)
        {
            // A broken file has no state, and its next reader reports it.
            return null;
        }
    }

    private string RecordPath(string name) => Path.Combine(paths.ZoneIndex, name + Suffix);

    private string RebootsPath(string name) => Path.Combine(paths.Run, "reboots", name + Suffix);

    private string RunPath(string name) => Path.Combine(paths.ZoneRun(name), RunFile);

    private static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        byte[]? content = HostFile.Read(path);
        if (content is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize(content, type);
        }
        catch (JsonException error)
        {
            throw new LofizoneException(
                $"{path}: broken JSON: {error.Message}", "mend the file, or move it away and configure the zone again", error);
        }
    }

    private static void Write<T>(string path, T value, JsonTypeInfo<T> type) =>
        HostFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(value, type));
}
