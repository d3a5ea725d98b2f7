using Lofizone.Basics;
using Lofizone.Ownership;

namespace Lofizone.Zones;

/// <summary>A zone's requests for reboots in a row: /run/lofizone/reboots/NAME.json.</summary>
/// <param name="InRow">Number of requests, each less than <see cref="RebootPolicy.Steady"/> after the boot before.</param>
/// <param name="AskedAt">Time of the last request.</param>
/// <param name="NextBoot">Time of the zone's next boot; null when the zone is not booted again.</param>
public sealed record ZoneReboots(int InRow, DateTimeOffset AskedAt, DateTimeOffset? NextBoot)
{
    /// <summary>The note in the words of listings.</summary>
    public override string ToString()
    {
        string times = $"asked for {InRow} reboots in a row, the last at {OwnedElsewhere.Time(AskedAt)}";
        return NextBoot is null ? times + ", and is not booted again" : times;
    }
}

/// <summary>Decides when a zone that asks for a reboot is booted again: at once, unless the zone asks again and again.</summary>
public static class RebootPolicy
{
    /// <summary>Reboots in a row after which the zone stays down.</summary>
    public const int InRowLimit = 15;

    /// <summary>Pause before the second boot in a row and before each further boot.</summary>
    public static readonly BackOff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>Time after which a zone that stayed up begins a new row.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromMinutes(10);

    /// <param name="before">The note about earlier reboots.</param>
    /// <param name="bootedAt">Time of the zone's last boot.</param>
    /// <param name="askedAt">Time of the request.</param>
    public static ZoneReboots Next(ZoneReboots? before, DateTimeOffset bootedAt, DateTimeOffset askedAt)
    {
        int inRow = before is null || askedAt - bootedAt >= Steady ? 1 : before.InRow + 1;
        return new ZoneReboots(inRow, askedAt, inRow > InRowLimit ? null : inRow == 1 ? askedAt : askedAt + Pauses.After(inRow - 2));
    }
}
