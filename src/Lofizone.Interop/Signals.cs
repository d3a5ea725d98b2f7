using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Signals that this program sends, signal(7). Real-time signals have glibc's numbers.</summary>
public enum Signal
{
    None = 0,
    HangUp = 1,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    User2 = 12,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>kill(2) and pthread_sigmask(3).</summary>
public static partial class Signals
{
    /// <summary>Size of glibc's sigset_t, bytes.</summary>
    private const int SignalSetBytes = 128;

    /// <summary>SIG_SETMASK.</summary>
    private const int SetMask = 2;

    /// <summary>SIG_IGN.</summary>
    private const nint IgnoreHandler = 1;

    /// <summary>Sends a signal to one process. False when there is no such process.</summary>
    /// <exception cref="LinuxException">EPERM, and every error except ESRCH.</exception>
    public static bool Send(int processId, Signal signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 1);
        if (Kill(processId, (int)signal) == 0)
            return true;
        LinuxException error = LinuxException.Last("kill", processId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return error.Errno == Errno.ESRCH ? false : throw error;
    }

    /// <summary>
    /// Unblocks every signal for this thread and the processes that it starts. A parent may have blocked SIGCHLD. The runtime of a process
    /// that starts with SIGCHLD blocked never learns that its children ended.
    /// </summary>
    public static void UnblockAll()
    {
        Span<byte> none = stackalloc byte[SignalSetBytes];
        none.Clear();
        int error = SignalMask(SetMask, none, 0);
        if (error != 0)
            throw new LinuxException((Errno)error, "pthread_sigmask");
    }

    /// <summary>Ignores a signal from now on (signal(2), SIG_IGN).</summary>
    /// <exception cref="LinuxException">EINVAL for a signal that can't be ignored.</exception>
    public static void Ignore(Signal signal)
    {
        if (SetHandler((int)signal, IgnoreHandler) == -1)
            throw LinuxException.Last("signal", signal.ToString());
    }

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SignalMask(int how, ReadOnlySpan<byte> set, nint old);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
