using System.Globalization;

namespace Lofizone.Interop;

/// <summary>
/// A process told apart from every other, past or future: numbers are used again, a number with its start time is not.
/// </summary>
/// <param name="Pid">Process ID in this PID namespace.</param>
/// <param name="StartTicks">Field starttime of /proc/PID/stat: clock ticks since the machine started.</param>
public sealed record ProcessIdentity(int Pid, long StartTicks)
{
    private const int StateField = 0;
    private const int StartField = 19;

    /// <summary>This process.</summary>
    public static ProcessIdentity Current => Of(Environment.ProcessId) ?? throw new LinuxException(Errno.ESRCH, "read", "/proc/self/stat");

    /// <summary>The process that has this number now; null when none has, or when it has ended and only waits to be reaped.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
        }
        catch (IOException)
        {
            // No such directory, or ESRCH because it ended between open and read: gone either way.
            return null;
        }

        // The command name stands in parentheses and may hold anything, parentheses too: count from the last one.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[StateField] is "Z" or "X" || !long.TryParse(fields[StartField], CultureInfo.InvariantCulture, out long start)
            ? null
            : new ProcessIdentity(pid, start);
    }

    /// <summary>
    /// The effective user of the process that has this number now; null when none has. Reads nothing of the process's memory.
    /// </summary>
    public static uint? UserOf(int pid) => StatxCall.At(Files.CurrentDirectory, $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}")?.Uid;

    /// <summary>Is this very process running?</summary>
    public bool IsAlive => Of(Pid) == this;
}
