namespace Lofizone.Programs;

/// <summary>Path of this program, for starting it in another role.</summary>
public static class OwnProgram
{
    /// <summary>Text that the kernel puts behind the path of a removed or replaced file (proc_pid_exe(5)).</summary>
    private const string ReplacedMark = " (deleted)";

    /// <summary>
    /// This program's path. An upgrade replaces the file while engines, watches and waiting commands still run. The new file is then the
    /// one to start.
    /// </summary>
    /// <exception cref="LofizoneException">/proc does not tell the path.</exception>
#pragma warning disable RS0030 // this is the one place
    public static string Path => PathOf(
        Environment.ProcessPath ?? throw new LofizoneException("the path of this program is not known", "see that /proc is mounted"));
#pragma warning restore RS0030

    /// <summary>The path that an executable had when it was started.</summary>
    /// <param name="executable">The text of /proc/PID/exe.</param>
    public static string PathOf(string executable) =>
        executable.EndsWith(ReplacedMark, StringComparison.Ordinal) && !File.Exists(executable)
            ? executable[..^ReplacedMark.Length]
            : executable;
}
