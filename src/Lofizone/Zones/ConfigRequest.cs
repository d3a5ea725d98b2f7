using System.Collections.Immutable;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Zones;

/// <summary>
/// The parts of the configuration beside an image that differ from the defaults, and so ask something of a host that takes the zone. Any
/// writer of the share may have written them, so they count only after the host's administrator has accepted them. The image is not part of
/// the request: its share is the one that was named to the host, whatever the configuration says.
/// </summary>
public sealed class ConfigRequest
{
    /// <summary>Number of requests in a message; the others are only counted.</summary>
    private const int NamedLimit = 6;

    private readonly ZoneConfig _asked;

    private ConfigRequest(ZoneConfig asked) => _asked = asked;

    /// <summary>The request of a configuration.</summary>
    /// <param name="config">The configuration on the share, or a host's.</param>
    /// <param name="zonePath">The zonepath that this host would choose. That zonepath is not a request.</param>
    public static ConfigRequest Of(ZoneConfig config, string zonePath) =>
        new(config with { Uuid = Guid.Empty, RootImage = null, ZonePath = config.ZonePath == zonePath ? null : config.ZonePath });

    /// <summary>The request without its zonepath, for cases in which the share may not choose one.</summary>
    public ConfigRequest WithoutZonePath() => new(_asked with { ZonePath = null });

    /// <summary>Digest of the request; equal only for equal requests.</summary>
    public string Digest => ZoneConfigJson.Digest(_asked);

    /// <summary>True when the configuration has only defaults.</summary>
    public bool IsEmpty => Digest == ZoneConfigJson.Digest(Defaults);

    /// <summary>The requested zonepath; null for the host's default.</summary>
    public string? ZonePath => _asked.ZonePath;

    /// <summary>One line for each request, in zonecfg's words, safe for a terminal.</summary>
    public IReadOnlyList<string> Lines =>
    [
        .. GlobalProperties.All.Where(p => !p.IsIdentity && p.Get(_asked) is { } value && value != p.Get(Defaults))
        .Select(p => $"{p.Name}={SafeText.Text(p.Get(_asked)!)}"),
        .. ResourceTypes.All.Where(t => !t.IsView).SelectMany(type => type.Get(_asked).Select(values => Line(type, values))),
    ];

    /// <summary>The requests in one sentence of bounded length.</summary>
    public override string ToString()
    {
        IReadOnlyList<string> lines = Lines;
        string named = string.Join(", ", lines.Take(NamedLimit));
        return lines.Count > NamedLimit ? $"{named} and {lines.Count - NamedLimit} more" : named;
    }

    private ZoneConfig Defaults => new() { Name = _asked.Name };

    private static string Line(ResourceType type, ImmutableDictionary<string, string> values) =>
        $"{type.Name} "
        + string.Join(' ', type.Properties.Where(p => values.ContainsKey(p.Name)).Select(p => $"{p.Name}={SafeText.Text(values[p.Name])}"));
}
