namespace Lofizone.Nfs.Tests.Sim;

/// <summary>The kind of run that a seed stands for.</summary>
internal sealed record SimSetup(int Seed)
{
    public int Paths { get; init; } = 1;

    public int ConnectionsPerPath { get; init; } = 1;

    public int ClientSlots { get; init; } = 8;

    public int ServerSlots { get; init; } = 8;

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every write is FILE_SYNC.</summary>
    public bool IsSynchronous { get; init; }

    /// <summary>Faults may fail an operation or fence the file.</summary>
    public bool IsHarsh { get; init; }

    /// <summary>An owner record tells whether the client may take a lost lock again.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>The client waits for a server without room.</summary>
    public bool HoldsWhenFull { get; init; }

    /// <summary>Several WRITEs share a COMPOUND.</summary>
    public bool PacksWrites { get; init; }

    /// <summary>The server tells of revoked state until the client frees it.</summary>
    public bool TellsRevoked { get; init; }

    /// <summary>The server also keeps replies that the client did not ask it to keep.</summary>
    public bool KeepsAllReplies { get; init; } = true;

    /// <summary>One READ or WRITE of this number is served in part; 0 for none.</summary>
    public int ShortensEvery { get; init; }

    public int Workers { get; init; } = 3;

    /// <summary>Number of reads, writes, holes and flushes of each worker.</summary>
    public int Operations { get; init; } = 20;

    /// <summary>Longest simulated time between two faults.</summary>
    public TimeSpan FaultPeriod { get; init; } = TimeSpan.FromMilliseconds(50);

    public int Faults { get; init; } = 10;

    public static SimSetup Of(int seed)
    {
        Random choices = new(seed);
        return new SimSetup(seed)
        {
            Paths = choices.Next(1, 3),
            ConnectionsPerPath = choices.Next(1, 3),
            ClientSlots = choices.Next(4) == 0 ? 1 : choices.Next(2, 17),
            ServerSlots = choices.Next(6) == 0 ? 1 : choices.Next(2, 17),
            Lease = TimeSpan.FromSeconds(choices.Next(5, 60)),
            IsSynchronous = choices.Next(8) == 0,
            IsHarsh = choices.Next(4) == 0,
            KeepsAllReplies = choices.Next(2) == 0,
            ShortensEvery = choices.Next(3) == 0 ? choices.Next(1, 6) : 0,
            Workers = choices.Next(1, 5),
            Operations = choices.Next(10, 40),
            Faults = choices.Next(1, choices.Next(3) == 0 ? 60 : 12),
            FaultPeriod = TimeSpan.FromMilliseconds(choices.Next(5, choices.Next(2) == 0 ? 30 : 3000)),
            IsGuarded = choices.Next(2) == 0,
            HoldsWhenFull = choices.Next(2) == 0,
            PacksWrites = choices.Next(3) == 0,
            TellsRevoked = choices.Next(2) == 0,
        };
    }
}
