using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Signals to, and waits for, processes that are known by <see cref="ProcessIdentity"/>; and settings of this process.</summary>
public static partial class Processes
{
    private const int SetIoFlusher = 57;

    /// <summary>Sends a signal to exactly this process. False when the process has ended.</summary>
    public static bool Send(ProcessIdentity process, Signal signal)
    {
        using ProcessHandle? handle = Open(process);
        return handle is not null && handle.Signal((int)signal);
    }

    /// <summary>Waits until the process has ended. False when it has not ended within <paramref name="limit"/>.</summary>
    public static async Task<bool> WaitForEndAsync(ProcessIdentity process, TimeSpan limit, CancellationToken cancellation)
    {
        using ProcessHandle? handle = Open(process);
        return handle is null || await handle.WaitAsync(limit, cancellation);
    }

    /// <summary>
    /// PR_SET_IO_FLUSHER (prctl(2)): memory reclaim by this thread must not wait for I/O that this thread itself serves. The setting
    /// belongs to the thread, and fork and exec inherit it.
    /// </summary>
    /// <exception cref="LinuxException">EPERM without CAP_SYS_RESOURCE.</exception>
    public static void BecomeIoFlusher() =>
        LinuxException.Check(PrctlNative(SetIoFlusher, 1, 0, 0, 0), "prctl(PR_SET_IO_FLUSHER)");

    /// <summary>Process ID of the parent (getppid(2)). The ID changes when the parent ends.</summary>
    public static int ParentId => GetParent();

    /// <summary>
    /// Opens a handle on this very process. The identity is checked after the opening, when the number can't be used again.
    /// </summary>
    private static ProcessHandle? Open(ProcessIdentity process)
    {
        ProcessHandle? handle = ProcessHandle.Open(process.Pid);
        if (handle is null || process.IsAlive)
            return handle;
        handle.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "getppid", SetLastError = true)]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int PrctlNative(int option, nuint a, nuint b, nuint c, nuint d);
}
