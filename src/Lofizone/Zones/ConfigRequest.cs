using System.Collections.Immutable;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Zones;

/// <summary>
/// What the configuration beside an image asks of a host that takes the zone: all of it that is not the default. Whoever may write to the
/// share may have written it, so nothing of it counts before the host's administrator has accepted it. The image itself is none of it: its
/// share is the one that was named to the host, whatever the configuration says.
/// </summary>
public sealed class ConfigRequest
{
    /// <summary>Requests in a message; the rest is counted.</summary>
    private const int NamedLimit = 6;

    private readonly ZoneConfig _asked;

    private ConfigRequest(ZoneConfig asked) => _asked = asked;

    /// <summary>What a configuration asks for.</summary>
    /// <param name="config">As it lies on the share, or as a host has it.</param>
    /// <param name="zonePath">The zonepath that this host would choose: it need not be asked for.</param>
    public static ConfigRequest Of(ZoneConfig config, string zonePath) =>
        new(config with { Uuid = Guid.Empty, RootImage = null, ZonePath = config.ZonePath == zonePath ? null : config.ZonePath });

    /// <summary>The same where the zonepath is not the share's to ask for.</summary>
    public ConfigRequest WithoutZonePath() => new(_asked with { ZonePath = null });

    /// <summary>Equal for equal requests only.</summary>
    public string Digest => ZoneConfigJson.Digest(_asked);

    /// <summary>Nothing but defaults.</summary>
    public bool IsEmpty => Digest == ZoneConfigJson.Digest(Defaults);

    /// <summary>The zonepath that is asked for; null for the host's own.</summary>
    public string? ZonePath => _asked.ZonePath;

    /// <summary>One line for each thing that is asked for, in zonecfg's words, fit for a terminal.</summary>
    public IReadOnlyList<string> Lines =>
    [
        .. GlobalProperty.All.Where(p => !p.IsIdentity && p.Get(_asked) is { } value && value != p.Get(Defaults))
        .Select(p => $"{p.Name}={Shown.Text(p.Get(_asked)!)}"),
        .. ResourceTypes.All.SelectMany(type => type.Get(_asked).Select(values => Line(type, values))),
    ];

    /// <summary>The same in one sentence, not longer than a message may be.</summary>
    public override string ToString()
    {
        IReadOnlyList<string> lines = Lines;
        string named = string.Join(", ", lines.Take(NamedLimit));
        return lines.Count > NamedLimit ? $"{named} and {lines.Count - NamedLimit} more" : named;
    }

    private ZoneConfig Defaults => new() { Name = _asked.Name };

    private static string Line(ResourceType type, ImmutableDictionary<string, string> values) =>
        $"{type.Name} "
        + string.Join(' ', type.Properties.Where(p => values.ContainsKey(p.Name)).Select(p => $"{p.Name}={Shown.Text(values[p.Name])}"));
}
