using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// The user of one thread. The C library's functions change the user of all threads, and the kernel's call that of the caller.
/// </summary>
public static partial class ThreadIdentity
{
    // setresuid of asm/unistd_64.h, and of asm-generic/unistd.h.
    private const long OnX64 = 117, OnArm64 = 147;

    private const long Unchanged = -1;

    /// <summary>
    /// Gives the calling thread another effective user, for as long as the thread lives. The thread loses the capabilities of root.
    /// </summary>
    /// <exception cref="LinuxException">EPERM without CAP_SETUID.</exception>
    public static void BecomeUser(uint user)
    {
        long call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? OnArm64 : OnX64;
        if (SetUserNative(call, Unchanged, user, Unchanged) != 0)
            throw LinuxException.Last("setresuid");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SetUserNative(long call, long real, long effective, long saved);
}
