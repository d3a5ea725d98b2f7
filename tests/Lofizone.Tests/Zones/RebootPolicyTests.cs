using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class RebootPolicyTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_reboot_is_at_once() => Assert.Equal(_start, RebootPolicy.Next(null, _start - TimeSpan.FromSeconds(1), _start).NextBoot);

    [Fact]
    public void Each_reboot_in_a_row_waits_longer_up_to_the_longest_pause_and_then_the_zone_stays_down()
    {
        List<TimeSpan> pauses = [];
        ZoneReboots? reboots = null;
        DateTimeOffset now = _start;
        while ((reboots = RebootPolicy.Next(reboots, now, now + TimeSpan.FromMilliseconds(300))).NextBoot is { } next)
        {
            pauses.Add(next - reboots.AskedAt);
            now = next;
        }

        Assert.Equal(RebootPolicy.InRowLimit, pauses.Count);
        Assert.Equal([TimeSpan.Zero, RebootPolicy.Pauses.First, 2 * RebootPolicy.Pauses.First], pauses.Take(3));
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(RebootPolicy.Pauses.Longest, pauses[^1]);
        Assert.Contains("is not booted again", reboots.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_that_was_up_for_long_begins_anew()
    {
        ZoneReboots many = new(9, _start, _start);
        ZoneReboots next = RebootPolicy.Next(many, _start, _start + RebootPolicy.Steady);
        Assert.Equal(1, next.InRow);
        Assert.Equal(next.AskedAt, next.NextBoot);
    }
}
