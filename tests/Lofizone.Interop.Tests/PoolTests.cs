using Lofizone.Basics;

namespace Lofizone.Interop.Tests;

public sealed class PoolTests
{
    [Fact]
    public void What_came_back_last_is_given_out_next_and_what_is_too_many_is_not_kept()
    {
        int made = 0;
        Pool<object> pool = new(() => ++made, most: 2);
        object[] taken = [pool.Rent(), pool.Rent(), pool.Rent()];
        foreach (object item in taken)
            pool.Return(item);
        Assert.Same(taken[1], pool.Rent());
        Assert.Same(taken[0], pool.Rent());
        Assert.Equal(4, pool.Rent());
    }
}
