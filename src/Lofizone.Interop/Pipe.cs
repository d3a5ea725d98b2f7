using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>pipe2(2): bytes written to one end are read from the other.</summary>
public sealed partial class Pipe : IDisposable
{
    private const int CloseOnExec = 0x80000;

    private Pipe(int read, int write) => (Read, Write) = (new FileDescriptor(read), new FileDescriptor(write));

    public FileDescriptor Read { get; }

    public FileDescriptor Write { get; }

    /// <exception cref="LinuxException">The process has no free descriptor.</exception>
    public static Pipe Open()
    {
        Span<int> ends = stackalloc int[2];
        return PipeNative(ends, CloseOnExec) == 0 ? new Pipe(ends[0], ends[1]) : throw LinuxException.Last("pipe2");
    }

    /// <summary>Opens a pipe for a user who may open it again by /proc/PID/fd, as <c>echo x >/dev/stdout</c> does.</summary>
    public static Pipe OpenFor(uint owner)
    {
        Pipe pipe = Open();
        if (ChangeOwnerNative(pipe.Write, owner, owner) == 0)
            return pipe;
        LinuxException error = LinuxException.Last("fchown");
        pipe.Dispose();
        throw error;
    }

    public void Dispose()
    {
        Read.Dispose();
        Write.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int PipeNative(Span<int> ends, int flags);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwnerNative(FileDescriptor file, uint user, uint group);
}
