using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>A system call failed. The message names the call, its object and the kernel's words for the error.</summary>
public sealed class LinuxException(Errno errno, string call, string? target = null)
    : IOException($"{call}{(target is null ? "" : $" {target}")}: {Describe(errno)}")
{
    /// <summary>The error number of the call.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>Name of the system call, as in its man page.</summary>
    public string Call { get; } = call;

    /// <summary>Builds the exception from the errno of the last P/Invoke on this thread.</summary>
    public static LinuxException Last(string call, string? target = null) =>
        new((Errno)Marshal.GetLastPInvokeError(), call, target);

    /// <summary>Throws for the result of a system call that failed: below 0.</summary>
    public static void Check(long result, string call, string? target = null)
    {
        if (result < 0)
            throw Last(call, target);
    }

    /// <summary>The C library's text for <paramref name="errno"/>, for example "No such file or directory".</summary>
    public static string Describe(Errno errno) => Marshal.GetPInvokeErrorMessage((int)errno);
}
