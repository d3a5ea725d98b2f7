using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// System calls that store something on a server, or read it from there: the kernel waits for the server in them, where no signal reaches
/// whoever called. Every wait can be ended: the call goes on without the caller, and ends when the server is back or its device was given
/// up.
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
    /// <exception cref="LinuxException">It could not be opened, or something could not be stored.</exception>
    Task FlushAsync(string device, CancellationToken cancellation);
}
