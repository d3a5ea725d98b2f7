namespace Lofizone.Accounting;

/// <summary>What a zone uses. Memory is in bytes, traffic and I/O in bytes of the interval.</summary>
public enum Resource
{
    /// <summary>CPUs: 1.5 is the time of one and a half CPUs.</summary>
    Cpu,

    /// <summary>Memory without the cache that the kernel gives back first.</summary>
    PhysicalMemory,

    /// <summary>Memory and swap together.</summary>
    VirtualMemory,

    Swap,

    LockedMemory,

    Processes,

    /// <summary>Threads (Solaris's light-weight processes).</summary>
    Lwps,

    NetworkReceived,

    NetworkSent,

    ImageRead,

    ImageWritten,
}

/// <summary>Use of one resource.</summary>
/// <param name="Used">The amount.</param>
/// <param name="Cap">The most that the user of the resource may have; null without a cap.</param>
public readonly record struct Amount(double Used, double? Cap = null)
{
    /// <summary>Used part of the cap; null without a cap.</summary>
    public double? OfCap => Cap is > 0 ? Used / Cap : null;
}

/// <summary>Resources by how their amounts add up over time.</summary>
internal static class Resources
{
    public static IReadOnlyList<Resource> All { get; } = Enum.GetValues<Resource>();

    /// <summary>True for amounts that an interval adds to; false for levels and rates.</summary>
    public static bool AddsUp(this Resource resource) =>
        resource is Resource.NetworkReceived or Resource.NetworkSent or Resource.ImageRead or Resource.ImageWritten;
}
