using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// System calls that store data on a server or read data from a server. In these calls the kernel waits for the server, and no signal
/// reaches the caller. Here every wait can be ended: the call goes on without the caller, and ends when the server is back or its device is
/// given up.
/// </summary>
public interface IKernelCalls
{
    /// <summary>mount(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    Task MountAsync(string source, string target, string fileSystemType, MountFlags flags, string? data, CancellationToken cancellation);

    /// <summary>umount2(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    Task UnmountAsync(string target, UnmountFlags flags, CancellationToken cancellation);

    /// <summary>fsync(2) of a block device.</summary>
    /// <exception cref="LinuxException">The device could not be opened, or some data could not be stored.</exception>
    Task FlushAsync(string device, CancellationToken cancellation);
}
