using Lofizone.Interop;

namespace Lofizone.Testing.Hosts;

/// <summary>
/// A process that stops itself at a named point (<see cref="Hosts.FaultPoint.HoldVariable"/>), so that a test's next action happens exactly
/// at the point.
/// </summary>
public static class HeldProcess
{
    /// <summary>Waits until the process is held, runs an action, and lets the process go on.</summary>
    /// <param name="find">The process's PID; null while there is no such process.</param>
    /// <param name="meanwhile">The action.</param>
    /// <exception cref="TimeoutException">The process did not reach the point.</exception>
    public static async Task ContinueAsync(Func<int?> find, Func<Task> meanwhile)
    {
        int? process = null;
        await Wait.UntilAsync(() => (process = find()) is { } id && State(id) == 'T', "no process was held", CancellationToken.None);

        try
        {
            await meanwhile();
        }
        finally
        {
            Signals.Send(process!.Value, Signal.Continue);
        }
    }

    /// <summary>A process's state in /proc (R, S, D, T, Z); a blank for a process that is gone.</summary>
    public static char State(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return ' ';
        }
    }

    /// <summary>PIDs of the processes with these arguments, whatever the program's name.</summary>
    public static IEnumerable<int> With(params string[] arguments)
    {
        string end = '\0' + string.Join('\0', arguments) + '\0';
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out int id) && CommandLine(id).EndsWith(end, StringComparison.Ordinal))
                yield return id;
        }
    }

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
