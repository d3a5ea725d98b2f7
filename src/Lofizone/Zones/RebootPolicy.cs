using Lofizone.Basics;
using Lofizone.Ownership;

namespace Lofizone.Zones;

/// <summary>Reboots that a zone asked for in a row: /run/lofizone/reboots/NAME.json.</summary>
/// <param name="InRow">How many, each less than <see cref="RebootPolicy.Steady"/> after the boot before.</param>
/// <param name="AskedAt">When the last one was asked for.</param>
/// <param name="NextBoot">When the zone is booted again; null: not any more.</param>
public sealed record ZoneReboots(int InRow, DateTimeOffset AskedAt, DateTimeOffset? NextBoot)
{
    /// <summary>As listings say it.</summary>
    public override string ToString()
    {
        string times = $"asked for {InRow} reboots in a row, the last at {OwnedElsewhere.Time(AskedAt)}";
        return NextBoot is null ? times + ", and is not booted again" : times;
    }
}

/// <summary>When a zone that asks for a reboot is booted again: at once, unless it asks again and again.</summary>
public static class RebootPolicy
{
    /// <summary>Reboots in a row after which the zone stays down.</summary>
    public const int InRowLimit = 15;

    /// <summary>Before the second boot in a row, and before each further one.</summary>
    public static readonly BackOff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>A zone that was up for this long begins anew.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromMinutes(10);

    /// <param name="before">What was noted of earlier reboots.</param>
    /// <param name="bootedAt">When the zone was booted last.</param>
    /// <param name="askedAt">When it asked for this reboot.</param>
    public static ZoneReboots Next(ZoneReboots? before, DateTimeOffset bootedAt, DateTimeOffset askedAt)
    {
        int inRow = before is null || askedAt - bootedAt >= Steady ? 1 : before.InRow + 1;
        return new ZoneReboots(inRow, askedAt, inRow > InRowLimit ? null : inRow == 1 ? askedAt : askedAt + Pauses.After(inRow - 2));
    }
}
