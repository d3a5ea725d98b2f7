namespace Lofizone.Explain;

/// <summary>The chain from a zone to the server that stores it, outermost first.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="State">The zone's state.</param>
/// <param name="Layers">The layers, from the zone down to the server.</param>
/// <param name="Slowest">The layer that takes most of the time, its share, and the remedy; null after too few requests.</param>
public sealed record Explanation(string Zone, string State, IReadOnlyList<Layer> Layers, string? Slowest = null);

/// <summary>One link of the chain.</summary>
/// <param name="Kind">zone, root, file system, lofi device, engine, image, server.</param>
/// <param name="Name">The layer's object: a path, a device, a URI, a process.</param>
/// <param name="Facts">Present facts, name and value, in the order of printing.</param>
/// <param name="Problem">The problem and the remedy; null when there is no problem.</param>
public sealed record Layer(string Kind, string Name, IReadOnlyList<Fact> Facts, string? Problem = null);

/// <summary>One fact about a layer.</summary>
public sealed record Fact(string Name, string Value);
