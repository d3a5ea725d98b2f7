namespace Lofizone.Basics;

/// <summary>
/// Keeps objects between their uses. An object may come back on another thread than the one that took it: one stack for all threads is
/// cheaper than a stack for each thread that the others take from.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="make">Makes one when none is kept.</param>
/// <param name="most">How many are kept at most; what comes back beyond that is left to the garbage collector.</param>
public sealed class Pool<T>(Func<T> make, int most = int.MaxValue)
    where T : class
{
    private readonly Stack<T> _idle = new();

    public T Rent()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out T? idle))
                return idle;
        }

        return make();
    }

    public void Return(T item)
    {
        lock (_idle)
        {
            if (_idle.Count < most)
                _idle.Push(item);
        }
    }
}
