namespace Lofizone.Tests.Fleet;

/// <summary>A promise that is broken on purpose: the judge has to find out.</summary>
internal enum FleetDefect
{
    None,

    /// <summary>Servers execute writes whatever state ID they carry.</summary>
    ServerIgnoresStateIds,

    /// <summary>Servers let anybody reclaim after a restart, not only those who had state when they went down.</summary>
    ServerForgetsWhoHadState,

    /// <summary>A host that gets its lost lock again goes on without looking who owned the image in between.</summary>
    HostRetakesBlindly,

    /// <summary>A host writes to the image before its owner record is written.</summary>
    HostTouchesBeforeClaim,
}

/// <summary>One run: how large the fleet is, and how much goes wrong in it. Times are milliseconds of simulated time.</summary>
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

    /// <summary>Hosts that crash, freeze, are cut off, or slow down, of a thousand.</summary>
    public int FaultyPerMille { get; init; } = 150;

    /// <summary>Zones that are moved by command, of a thousand.</summary>
    public int MovedPerMille { get; init; } = 20;

    public FleetDefect Defect { get; init; }

    public static FleetSetup Of(int seed) => new() { Seed = seed };

    /// <summary>A few hosts with nothing but trouble: finds a defect in few events.</summary>
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
