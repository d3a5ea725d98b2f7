using CsCheck;
using Lofizone.Hosts;

namespace Lofizone.Tests.Runtime;

public sealed class UidRangesTests
{
    [Fact]
    public void The_first_zone_gets_the_first_base() => Assert.Equal(UidRanges.First, UidRanges.Allocate([], []));

    [Fact]
    public void A_base_never_overlaps_what_others_use() => Gen.Select(
        Gen.UInt[0, 400].Select(n => UidRanges.First + (n * UidRanges.RangeSize)).List[0, 50],
        Gen.Select(Gen.UInt[UidRanges.First - 100_000, UidRanges.First + 20_000_000], Gen.UInt[1, 200_000]).Select((s, c) => new IdRange(s, c)).List[0, 20])
        .Sample((used, taken) =>
        {
            uint found = UidRanges.Allocate(used, taken);
            IdRange range = new(found, UidRanges.RangeSize);
            Assert.Equal(0u, found % UidRanges.RangeSize);
            Assert.All(taken.Concat(used.Select(b => new IdRange(b, UidRanges.RangeSize))), r => Assert.False(r.Overlaps(range)));
        });

    [Fact]
    public void When_all_are_used_it_says_so() =>
        Assert.Throws<LofizoneException>(() => UidRanges.Allocate([], [new IdRange(UidRanges.First, uint.MaxValue - UidRanges.First)]));

    [Fact]
    public void Host_files_are_read_and_broken_lines_passed_over() => Assert.Equal(
        [new IdRange(100000, 65536), new IdRange(33, 1)],
        UidRanges.Parse("ann:100000:65536\nbroken\n# no:1:2\nx:-1:9\n", "www-data:x:33:33::/:/bin/sh\nbad:x:y\n"));
}
