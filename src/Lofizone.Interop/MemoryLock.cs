using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>mlockall(2).</summary>
public static partial class MemoryLock
{
    private const int Current = 1;
    private const int Future = 2;
    private const int OnFault = 4;

    /// <summary>
    /// Keeps every page that this process has touched or will touch in memory. Pages are locked on fault only (MCL_ONFAULT): otherwise the
    /// runtime's reserved but unused memory would be filled, too.
    /// </summary>
    /// <exception cref="LinuxException">EPERM or ENOMEM without CAP_IPC_LOCK and above RLIMIT_MEMLOCK.</exception>
    public static void LockTouchedPages() =>
        LinuxException.Check(LockAllNative(Current | Future | OnFault), "mlockall");

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    private static partial int LockAllNative(int flags);
}
