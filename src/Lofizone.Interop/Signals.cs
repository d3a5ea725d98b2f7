using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Signals this program sends, signal(7); real-time signals as glibc numbers them.</summary>
public enum Signal
{
    None = 0,
    Interrupt = 2,
    Kill = 9,
    User2 = 12,
    Terminate = 15,
}

/// <summary>kill(2).</summary>
public static partial class Signals
{
    /// <summary>Sends a signal to one process; false when there is no such process.</summary>
    /// <exception cref="LinuxException">EPERM and everything but "no such process".</exception>
    public static bool Send(int processId, Signal signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 1);
        if (Kill(processId, (int)signal) == 0)
            return true;
        LinuxException error = LinuxException.Last("kill", processId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return error.Errno == Errno.ESRCH ? false : throw error;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
