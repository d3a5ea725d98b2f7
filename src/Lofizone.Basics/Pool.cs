namespace Lofizone.Basics;

/// <summary>
/// Keeps objects between their uses. An object may come back on another thread than the one that took it, so one stack for all threads is
/// cheaper than a stack for each thread.
/// </summary>
/// <typeparam name="T">Type of the kept objects.</typeparam>
/// <param name="make">Makes an object when none is kept.</param>
/// <param name="most">Largest number of kept objects. The garbage collector gets further objects.</param>
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
