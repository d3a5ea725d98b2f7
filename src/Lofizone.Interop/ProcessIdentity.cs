using System.Globalization;

namespace Lofizone.Interop;

/// <summary>
/// Identifies a process among all processes, past and future. The kernel uses process IDs again, but not a process ID together with its
/// start time.
/// </summary>
/// <param name="Pid">Process ID in this PID namespace.</param>
/// <param name="StartTicks">Field starttime of /proc/PID/stat: clock ticks since the machine started.</param>
public sealed record ProcessIdentity(int Pid, long StartTicks)
{
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartField = 19;

    /// <summary>This process.</summary>
    public static ProcessIdentity Current => Of(Environment.ProcessId) ?? throw new LinuxException(Errno.ESRCH, "read", "/proc/self/stat");

    /// <summary>The process that has this number now. Null when no process has the number, or when the process is a zombie.</summary>
    public static ProcessIdentity? Of(int pid) =>
        Fields(pid) is { } fields && fields[StateField] is not ("Z" or "X")
            && long.TryParse(fields[StartField], CultureInfo.InvariantCulture, out long start)
            ? new ProcessIdentity(pid, start)
            : null;

    /// <summary>The process's parent; 0 when no process has the number.</summary>
    public static int ParentOf(int pid) =>
        Fields(pid) is { } fields && int.TryParse(fields[ParentField], CultureInfo.InvariantCulture, out int parent) ? parent : 0;

    /// <summary>The fields of /proc/PID/stat from the third on; null when no process has the number.</summary>
    private static string[]? Fields(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
        }
        catch (IOException)
        {
            // Either the directory does not exist, or the process ended between open and read (ESRCH). The process is gone in both cases.
            return null;
        }

        // The command name stands in parentheses and may contain parentheses, so the fields are counted from the last one
        // (proc_pid_stat(5)).
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    /// <summary>
    /// Effective user of the process that has this number now; null when there is no such process. Reads none of the process's memory.
    /// </summary>
    public static uint? UserOf(int pid) => StatxCall.At(Files.CurrentDirectory, $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}")?.Uid;

    /// <summary>Tells whether this very process is running.</summary>
    public bool IsAlive => Of(Pid) == this;
}
