namespace Lofizone.Explain;

/// <summary>The chain from a zone to the server that stores it, outermost first.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="State">Its state.</param>
/// <param name="Layers">What stands on what.</param>
/// <param name="Slowest">The layer in which most time goes, how much, and what to do; null when too little was measured to tell.</param>
public sealed record Explanation(string Zone, string State, IReadOnlyList<Layer> Layers, string? Slowest = null);

/// <summary>One link of the chain.</summary>
/// <param name="Kind">zone, root, file system, lofi device, engine, image, server.</param>
/// <param name="Name">Which one: a path, a device, a URI, a process.</param>
/// <param name="Facts">What is known of it now, name and value, in the order to print.</param>
/// <param name="Problem">What is wrong with it and what to do; null when nothing is.</param>
public sealed record Layer(string Kind, string Name, IReadOnlyList<Fact> Facts, string? Problem = null);

/// <summary>Something known of a layer.</summary>
public sealed record Fact(string Name, string Value);
