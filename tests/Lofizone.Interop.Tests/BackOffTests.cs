using Lofizone.Basics;

namespace Lofizone.Interop.Tests;

public sealed class BackOffTests
{
    [Fact]
    public void Each_pause_is_twice_the_one_before_until_the_longest_however_many_failures_there_are()
    {
        BackOff pauses = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
        IEnumerable<double> first = Enumerable.Range(0, 7).Select(failures => pauses.After(failures).TotalMilliseconds);
        Assert.Equal([100, 200, 400, 800, 1600, 2000, 2000], first);
        Assert.Equal(pauses.Longest, pauses.After(int.MaxValue));
    }
}
