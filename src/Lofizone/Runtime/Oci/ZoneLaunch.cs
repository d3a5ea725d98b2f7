using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Runtime.Oci;

/// <summary>
/// All that the runtime needs to know to run a zone. Kept beside the bundle, so that a later process knows it by the zone's name.
/// </summary>
public sealed record ZoneLaunch
{
    public required string Name { get; init; }

    /// <summary>The zone's root on the host, <c>ZONEPATH/root</c>; owners in it are 0 … <see cref="IdCount"/>-1.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>Host ID that root of the zone is.</summary>
    public required uint UidBase { get; init; }

    /// <summary>How many user and group IDs the zone has.</summary>
    public uint IdCount { get; init; } = UidRanges.RangeSize;

    /// <summary>Most processes and threads in the zone at a time; null for <see cref="Runtime.ProcessLimit.OfHost"/>.</summary>
    public long? ProcessLimit { get; init; }

    public IReadOnlyList<NetResource> Net { get; init; } = [];

    /// <summary>Program (absolute path) and arguments that conmon runs when the zone has ended; empty for none.</summary>
    public IReadOnlyList<string> ExitCommand { get; init; } = [];

    /// <summary>File that gets what the zone prints on its console, at most <see cref="ContainerCreation.ConsoleLogLimitBytes"/>.</summary>
    public required string ConsoleLog { get; init; }
}
