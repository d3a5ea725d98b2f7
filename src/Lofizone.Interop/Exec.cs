using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// Replaces this process by another program, in the state in which a program expects to start. The .NET runtime ignores SIGPIPE, and an
/// ignored signal stays ignored across execve(2), through every child, down to the last program in a zone.
/// </summary>
public static unsafe partial class Exec
{
    private const int SignalCount = 64;
    private const int SigKill = 9;
    private const int SigStop = 19;
    private const long SigActionCallX64 = 13;
    private const long SigActionCallArm64 = 134;

    /// <summary>Size of the kernel's struct sigaction (asm/signal.h), bytes; all zeros for SIG_DFL.</summary>
    private const int KernelActionBytes = 32;

    /// <summary>Size of the kernel's sigset_t, bytes.</summary>
    private const nuint KernelSignalSetBytes = 8;
    private const uint CloseRangeCloseOnExec = 1u << 2;

    /// <summary>
    /// Has all descriptors from 3 up closed when the next program starts, also those that this process's parent has leaked.
    /// </summary>
    /// <exception cref="LinuxException">The kernel is older than 5.11 (close_range(2), CLOSE_RANGE_CLOEXEC).</exception>
    public static void CloseOthersOnExec() =>
        LinuxException.Check(CloseRangeNative(3, uint.MaxValue, CloseRangeCloseOnExec), "close_range");

    /// <summary>execve(2). The method returns only by an exception.</summary>
    /// <param name="file">Absolute path of the program.</param>
    /// <param name="arguments">Arguments after the program's own name.</param>
    /// <param name="environment">The whole environment of the program, <c>NAME=value</c>.</param>
    /// <exception cref="LinuxException">The program can't be executed.</exception>
    public static void Replace(string file, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        byte** argv = Vector([file, .. arguments]);
        byte** envp = Vector(environment);
        ResetSignals();
        _ = ExecveNative(file, argv, envp);
        throw LinuxException.Last("execve", file);
    }

    private static void ResetSignals()
    {
        // The system call is made without glibc, which refuses signals 32 and 33. glibc's posix_spawn leaves those two ignored in the
        // programs that it starts.
        byte* byDefault = stackalloc byte[KernelActionBytes];
        new Span<byte>(byDefault, KernelActionBytes).Clear();
        long call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SigActionCallArm64 : SigActionCallX64;
        for (int signal = 1; signal <= SignalCount; signal++)
        {
            if (signal is not (SigKill or SigStop))
                _ = SigActionNative(call, signal, byDefault, null, KernelSignalSetBytes);
        }

        Signals.UnblockAll();
    }

    // The vector is never freed: the process image is replaced, or the process ends with an error.
    private static byte** Vector(IReadOnlyList<string> strings)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < strings.Count; i++)
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        return vector;
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExecveNative(string file, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SigActionNative(long call, int signal, byte* action, byte* old, nuint setBytes);

    [LibraryImport("libc", EntryPoint = "close_range", SetLastError = true)]
    private static partial int CloseRangeNative(uint first, uint last, uint flags);
}
