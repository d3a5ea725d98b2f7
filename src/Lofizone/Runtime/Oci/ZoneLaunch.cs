using Lofizone.Boot;
using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Runtime.Oci;

/// <summary>
/// The runtime's description of a zone. It is kept beside the bundle, so that a later process finds it by the zone's name.
/// </summary>
public sealed record ZoneLaunch
{
    public required string Name { get; init; }

    /// <summary>The zone's root on the host, <c>ZONEPATH/root</c>; the owners of its files are 0 … <see cref="IdCount"/>-1.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>Host ID of the zone's root user.</summary>
    public required uint UidBase { get; init; }

    /// <summary>Number of user and group IDs of the zone.</summary>
    public uint IdCount { get; init; } = UidRanges.RangeSize;

    /// <summary>The zone's limits.</summary>
    public ResourceControls Controls { get; init; } = new();

    /// <summary>The parts of the root that the zone may write.</summary>
    public WritableParts Writable { get; init; } = WritableParts.All;

    /// <summary>Program and arguments of the zone's process 1.</summary>
    public IReadOnlyList<string> Init { get; init; } = BootArguments.None.InitCommand;

    public IReadOnlyList<NetResource> Net { get; init; } = [];

    /// <summary>Program (absolute path) and arguments that conmon runs when the zone has ended. Empty: no program.</summary>
    public IReadOnlyList<string> ExitCommand { get; init; } = [];

    /// <summary>File for the zone's console output, at most <see cref="ContainerCreation.ConsoleLogLimitBytes"/> bytes.</summary>
    public required string ConsoleLog { get; init; }
}
