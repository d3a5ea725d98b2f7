using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// Starts a child with descriptors of this process (posix_spawn(3)). The child has these descriptors under the same numbers, and no others.
/// The child inherits the prctl(2) settings of the calling thread, and has every signal in its default state.
/// </summary>
public static unsafe partial class Spawn
{
    /// <summary>POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK of spawn.h.</summary>
    private const short SetSignals = 0x04 | 0x08;

    /// <summary>At least sizeof(posix_spawn_file_actions_t) and sizeof(posix_spawnattr_t) of glibc (80 and 336) and musl, bytes.</summary>
    private const int OpaqueBytes = 512;

    private const int SignalSetBytes = 128;
    private const int NoHang = 1;

    /// <summary>P_PID of waitid(2). The number of an own child is safe, because it is not used again before the child is reaped.</summary>
    private const int ByPid = 1;
    private const int Exited = 4;
    private const int SignalInfoBytes = 128;
    private const int CodeExited = 1;
    private const int SignalBase = 128;

    /// <summary>
    /// Starts <paramref name="file"/>, and returns the child's process ID. The child stays a zombie until <see cref="Reap"/>.
    /// </summary>
    /// <param name="file">Absolute path of the program.</param>
    /// <param name="arguments">Arguments after the program's own name.</param>
    /// <param name="descriptors">Numbers that the child keeps in addition to 0, 1 and 2.</param>
    public static int Start(string file, IReadOnlyList<string> arguments, ReadOnlySpan<int> descriptors) =>
        Start(file, arguments, descriptors, []);

    /// <summary>Starts <paramref name="file"/> with the given descriptors as 0, 1 and 2.</summary>
    /// <param name="file">Absolute path of the program.</param>
    /// <param name="arguments">Arguments after the program's own name.</param>
    /// <param name="streams">Standard input, output and error, all above 2.</param>
    public static int StartOn(string file, IReadOnlyList<string> arguments, ReadOnlySpan<int> streams) =>
        Start(file, arguments, [], streams);

    private static int Start(string file, IReadOnlyList<string> arguments, ReadOnlySpan<int> descriptors, ReadOnlySpan<int> streams)
    {
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* all = stackalloc byte[SignalSetBytes];
        byte* none = stackalloc byte[SignalSetBytes];
        new Span<byte>(all, SignalSetBytes).Fill(0xFF);
        new Span<byte>(none, SignalSetBytes).Clear();
        Check(InitActions(actions), "posix_spawn_file_actions_init");
        Check(InitAttributes(attributes), "posix_spawnattr_init");
        byte** argv = Vector([file, .. arguments]);
        try
        {
            // A duplicate onto the same number only clears close-on-exec.
            foreach (int descriptor in descriptors)
                Check(AddDuplicate(actions, descriptor, descriptor), "posix_spawn_file_actions_adddup2");
            for (int stream = 0; stream < streams.Length; stream++)
                Check(AddDuplicate(actions, streams[stream], stream), "posix_spawn_file_actions_adddup2");
            Check(SetDefault(attributes, all), "posix_spawnattr_setsigdefault");
            Check(SetMask(attributes, none), "posix_spawnattr_setsigmask");
            Check(SetFlags(attributes, SetSignals), "posix_spawnattr_setflags");
            int process = 0;
            Check(SpawnNative(&process, argv[0], actions, attributes, argv, Environment()), "posix_spawn", file);
            return process;
        }
        finally
        {
            for (byte** argument = argv; *argument != null; argument++)
                Marshal.FreeCoTaskMem((nint)(*argument));
            NativeMemory.Free(argv);
            _ = DestroyActions(actions);
            _ = DestroyAttributes(attributes);
        }
    }

    /// <summary>
    /// Reaps an ended child, and describes its end. Null while the child runs, or when the process is not a child of this one.
    /// </summary>
    public static string? Reap(int process) => WaitFor(process) is not { } end ? null
        : end.Code == CodeExited ? $"exit code {end.Status}"
        : $"signal {end.Status}";

    /// <summary>Like <see cref="Reap"/>, with the code of a shell: 128 + signal number when a signal ended the child.</summary>
    public static int? ReapCode(int process) => WaitFor(process) is not { } end ? null
        : end.Code == CodeExited ? end.Status
        : SignalBase + end.Status;

    private static (int Code, int Status)? WaitFor(int process)
    {
        int* information = stackalloc int[SignalInfoBytes / sizeof(int)];
        new Span<int>(information, SignalInfoBytes / sizeof(int)).Clear();
        // siginfo_t of 64-bit processors: si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status.
        return WaitNative(ByPid, process, information, NoHang | Exited) != 0 || information[4] == 0
            ? null
            : (information[2], information[6]);
    }

    private static void Check(int error, string call, string? what = null)
    {
        if (error != 0)
            throw new LinuxException((Errno)error, call, what);
    }

    private static byte** Environment()
    {
        nint library = NativeLibrary.GetMainProgramHandle();
        return *(byte***)NativeLibrary.GetExport(library, "environ");
    }

    private static byte** Vector(IReadOnlyList<string> strings)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < strings.Count; i++)
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        return vector;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", SetLastError = true)]
    private static partial int SpawnNative(int* process, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init", SetLastError = true)]
    private static partial int InitActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy", SetLastError = true)]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2", SetLastError = true)]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init", SetLastError = true)]
    private static partial int InitAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy", SetLastError = true)]
    private static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault", SetLastError = true)]
    private static partial int SetDefault(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask", SetLastError = true)]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags", SetLastError = true)]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitNative(int kind, int id, int* information, int options);
}
