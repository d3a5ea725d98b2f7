using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Families of init programs, by how they are spoken to.</summary>
internal enum InitKind
{
    Other,
    Systemd,
    BusyBox,
    SysV,
}

internal static class InitKinds
{
    /// <summary>What a zone's process 1 is started as.</summary>
    private const string InitProgram = "/sbin/init";

    /// <summary>From the name of the program that runs as process 1.</summary>
    public static InitKind Of(string? program) => Path.GetFileName(program ?? "") switch
    {
        "systemd" => InitKind.Systemd,
        "busybox" => InitKind.BusyBox,
        "init" => InitKind.SysV,
        _ => InitKind.Other,
    };

    /// <summary>Of an init that runs.</summary>
    public static InitKind Of(RuntimePaths paths, ProcessHandle init) => Of(ProgramOf(init) ?? RootedPath.Resolve(paths.Root, InitProgram));

    /// <summary>True when the program itself is started as init, not a script of which it is the shell.</summary>
    public static bool IsBusyBoxItself(RuntimePaths paths, ProcessHandle init) =>
        Of(paths, init) == InitKind.BusyBox && Of(RootedPath.Resolve(paths.Root, InitProgram)) == InitKind.BusyBox;

    /// <summary>The program that the process runs; null when /proc does not say, as for one that is ending.</summary>
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
