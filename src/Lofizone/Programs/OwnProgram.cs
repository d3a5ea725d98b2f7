namespace Lofizone.Programs;

/// <summary>This program, to be started again in another role.</summary>
public static class OwnProgram
{
    /// <summary>What the kernel writes behind the path of a file that was removed or replaced (proc_pid_exe(5)).</summary>
    private const string ReplacedMark = " (deleted)";

    /// <summary>
    /// Its path. An upgrade replaces the file while engines, watches and commands that wait still run: what stands there then is the one to
    /// start.
    /// </summary>
    /// <exception cref="LofizoneException">/proc does not say.</exception>
#pragma warning disable RS0030 // this is the one place
    public static string Path => PathOf(
        Environment.ProcessPath ?? throw new LofizoneException("the path of this program is not known", "see that /proc is mounted"));
#pragma warning restore RS0030

    /// <summary>The path that an executable had when it was started.</summary>
    /// <param name="executable">As /proc/PID/exe tells it.</param>
    public static string PathOf(string executable) =>
        executable.EndsWith(ReplacedMark, StringComparison.Ordinal) && !File.Exists(executable)
            ? executable[..^ReplacedMark.Length]
            : executable;
}
