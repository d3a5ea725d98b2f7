using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// A process held by descriptor (pidfd_open(2)). A signal through the descriptor can't hit a later process with the same number. A process
/// that is not the parent can wait for the end.
/// </summary>
public sealed partial class ProcessHandle : IDisposable
{
    private const long PidfdSendSignalCall = 424;
    private const long PidfdOpenCall = 434;

    /// <summary>Interval at which a wait checks its cancellation.</summary>
    private static readonly TimeSpan _slice = TimeSpan.FromMilliseconds(200);

    private readonly FileDescriptor _descriptor;

    private ProcessHandle(int id, FileDescriptor descriptor) => (Id, _descriptor) = (id, descriptor);

    public int Id { get; }

    /// <summary>Opens a process; null when no process has that number.</summary>
    public static ProcessHandle? Open(int process)
    {
        nint descriptor = PidfdOpenNative(PidfdOpenCall, process, 0);
        if (descriptor >= 0)
            return new ProcessHandle(process, new FileDescriptor((int)descriptor));
        // EINVAL: the number belongs to a thread that is not a process's first (pidfd_open(2)).
        return (Errno)Marshal.GetLastPInvokeError() is Errno.ESRCH or Errno.EINVAL
            ? null
            : throw LinuxException.Last("pidfd_open", $"{process}");
    }

    /// <summary>Sends a signal; false when the process has ended.</summary>
    public bool Signal(int signal)
    {
        if (PidfdSendSignalNative(PidfdSendSignalCall, _descriptor, signal, 0, 0) == 0)
            return true;
        return (Errno)Marshal.GetLastPInvokeError() == Errno.ESRCH ? false : throw LinuxException.Last("pidfd_send_signal", $"{Id}");
    }

    /// <summary>Waits for the end of the process. False when the limit passes earlier.</summary>
    public Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellation) => Task.Run(
        () =>
        {
            for (TimeSpan left = limit; ; left -= _slice)
            {
                cancellation.ThrowIfCancellationRequested();
                PollDescriptor ended = new(_descriptor.Number);
                if (Polling.Wait(new Span<PollDescriptor>(ref ended), left < _slice ? TimeSpan.FromTicks(Math.Max(0, left.Ticks)) : _slice))
                    return true;
                if (left <= _slice)
                    return false;
            }
        },
        cancellation);

    /// <summary>Blocks until the process has ended, without periodic wake-ups.</summary>
    public void WaitForEnd()
    {
        PollDescriptor ended = new(_descriptor.Number);
        while (!Polling.Wait(new Span<PollDescriptor>(ref ended), Timeout.InfiniteTimeSpan))
        {
            // A signal interrupted the wait, so the loop waits again.
        }
    }

    public void Dispose() => _descriptor.Dispose();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint PidfdOpenNative(long call, int process, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint PidfdSendSignalNative(long call, FileDescriptor process, int signal, nint info, uint flags);
}
