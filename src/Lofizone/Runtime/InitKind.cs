using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Families of init programs, by the way to communicate with them.</summary>
internal enum InitKind
{
    Other,
    Systemd,
    BusyBox,
    SysV,
}

internal static class InitKinds
{
    /// <summary>Path of the program that starts as a zone's process 1.</summary>
    private const string InitProgram = "/sbin/init";

    /// <summary>The kind of the program that runs as process 1, by its name.</summary>
    public static InitKind Of(string? program) => Path.GetFileName(program ?? "") switch
    {
        "systemd" => InitKind.Systemd,
        "busybox" => InitKind.BusyBox,
        "init" => InitKind.SysV,
        _ => InitKind.Other,
    };

    /// <summary>The kind of a running init.</summary>
    public static InitKind Of(RuntimePaths paths, ProcessHandle init) => Of(ProgramOf(init) ?? RootedPath.Resolve(paths.Root, InitProgram));

    /// <summary>True when BusyBox itself runs as init, and not a script of which it is the shell.</summary>
    public static bool IsBusyBoxItself(RuntimePaths paths, ProcessHandle init) =>
        Of(paths, init) == InitKind.BusyBox && Of(RootedPath.Resolve(paths.Root, InitProgram)) == InitKind.BusyBox;

    /// <summary>The program that the process runs; null when /proc does not tell, as for a process that is ending.</summary>
    private static string? ProgramOf(ProcessHandle process)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process.Id}/exe", returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
