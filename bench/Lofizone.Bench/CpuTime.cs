namespace Lofizone.Bench;

/// <summary>CPU time, user and system, in nanoseconds.</summary>
/// <param name="Process">Of the data path's process, all threads.</param>
/// <param name="Kernel">Of kernel threads that work for it.</param>
public readonly record struct CpuTime(long Process, long Kernel)
{
    public long Total => Process + Kernel;

    public static CpuTime operator -(CpuTime after, CpuTime before) => new(after.Process - before.Process, after.Kernel - before.Kernel);
}
