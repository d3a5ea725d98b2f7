using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Signals and waiting for processes that are not children (pidfd_open(2)).</summary>
public static partial class Processes
{
    private const long SysPidfdSendSignal = 424;
    private const long SysPidfdOpen = 434;
    private const short PollIn = 1;
    private const int SetIoFlusher = 57;

    /// <summary>Sends a signal to exactly this process; false when it has ended.</summary>
    public static bool Send(ProcessIdentity process, Signal signal)
    {
        using FileDescriptor? handle = OpenHandle(process);
        if (handle is null)
            return false;
        using DescriptorUse use = new(handle);
        if (PidfdSendSignalNative(SysPidfdSendSignal, use.Number, (int)signal, 0, 0) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == (int)Errno.ESRCH ? false : throw LinuxException.Last("pidfd_send_signal", $"process {process.Pid}");
    }

    /// <summary>Waits until the process has ended; false when it has not within <paramref name="limit"/>.</summary>
    public static Task<bool> WaitForEndAsync(ProcessIdentity process, TimeSpan limit, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => WaitForEnd(process, limit, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>
    /// PR_SET_IO_FLUSHER (prctl(2)): memory reclaim caused by this thread must not wait for I/O that this thread itself serves.
    /// Per thread, inherited over fork and exec.
    /// </summary>
    /// <exception cref="LinuxException">EPERM without CAP_SYS_RESOURCE.</exception>
    public static void BecomeIoFlusher()
    {
        if (PrctlNative(SetIoFlusher, 1, 0, 0, 0) != 0)
            throw LinuxException.Last("prctl(PR_SET_IO_FLUSHER)");
    }

    private static bool WaitForEnd(ProcessIdentity process, TimeSpan limit, CancellationToken cancellation)
    {
        // poll(2) can't be cancelled: it waits in slices this long.
        const int SliceMilliseconds = 100;
        using FileDescriptor? handle = OpenHandle(process);
        if (handle is null)
            return true;
        using DescriptorUse use = new(handle);
        for (long left = (long)limit.TotalMilliseconds; left > 0 && !cancellation.IsCancellationRequested; left -= SliceMilliseconds)
        {
            PollEntry entry = new() { Descriptor = use.Number, Events = PollIn };
            if (PollNative(ref entry, 1, (int)Math.Min(left, SliceMilliseconds)) > 0)
                return true;
        }

        cancellation.ThrowIfCancellationRequested();
        return !process.IsAlive;
    }

    /// <summary>A handle on this very process: its identity is checked after opening, when the number can't be used again.</summary>
    private static FileDescriptor? OpenHandle(ProcessIdentity process)
    {
        long number = PidfdOpenNative(SysPidfdOpen, process.Pid, 0);
        if (number < 0)
            return Marshal.GetLastPInvokeError() == (int)Errno.ESRCH ? null : throw LinuxException.Last("pidfd_open", $"process {process.Pid}");
        FileDescriptor handle = new((int)number);
        if (process.IsAlive)
            return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>struct pollfd, poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long PidfdOpenNative(long number, int pid, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long PidfdSendSignalNative(long number, int handle, int signal, nint information, uint flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollNative(ref PollEntry entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int PrctlNative(int option, nuint a, nuint b, nuint c, nuint d);
}
