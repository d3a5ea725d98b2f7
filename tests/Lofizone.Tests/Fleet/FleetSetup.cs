namespace Lofizone.Tests.Fleet;

/// <summary>A promise that is broken on purpose, so that the judge must find the fault.</summary>
internal enum FleetDefect
{
    None,

    /// <summary>Servers execute writes with any state ID.</summary>
    ServerIgnoresStateIds,

    /// <summary>Servers let every client reclaim after a restart, not only clients with state at the crash.</summary>
    ServerForgetsWhoHadState,

    /// <summary>A host that gets its lost lock again goes on without a check for an owner in between.</summary>
    HostRetakesBlindly,

    /// <summary>A host writes to the image before its owner record is written.</summary>
    HostTouchesBeforeClaim,
}

/// <summary>Options of one run: the fleet's size, and the number of faults. Times are milliseconds of simulated time.</summary>
internal sealed record FleetSetup
{
    public required int Seed { get; init; }

    public int Hosts { get; init; } = 1000;

    public int Zones { get; init; } = 10_000;

    public int Servers { get; init; } = 8;

    /// <summary>Lease and grace period of every server.</summary>
    public long Lease { get; init; } = 20_000;

    public long Duration { get; init; } = 160_000;

    /// <summary>Mean time between two writes of a zone.</summary>
    public long WriteInterval { get; init; } = 20_000;

    /// <summary>Number of hosts in a thousand that crash, freeze, are cut off or slow down.</summary>
    public int FaultyPerMille { get; init; } = 150;

    /// <summary>Number of zones in a thousand that are moved by command.</summary>
    public int MovedPerMille { get; init; } = 20;

    public FleetDefect Defect { get; init; }

    public static FleetSetup Of(int seed) => new() { Seed = seed };

    /// <summary>A few hosts with many faults, which find a defect in few events.</summary>
    public static FleetSetup Small(int seed) => new()
    {
        Seed = seed,
        Hosts = 12,
        Zones = 60,
        Servers = 2,
        Lease = 10_000,
        Duration = 300_000,
        WriteInterval = 3_000,
        FaultyPerMille = 4000,
        MovedPerMille = 1000,
    };
}
