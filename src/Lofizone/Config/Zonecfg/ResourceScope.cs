using System.Collections.Immutable;

namespace Lofizone.Config.Zonecfg;

/// <summary>A resource between add (or select) and end.</summary>
/// <param name="Type">The resource's type.</param>
/// <param name="Values">The properties set so far.</param>
/// <param name="Index">Index among the zone's resources of the type; null for a new resource.</param>
internal sealed record ResourceScope(ResourceType Type, ImmutableDictionary<string, string> Values, int? Index);
