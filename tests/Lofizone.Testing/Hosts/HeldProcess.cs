using Lofizone.Interop;

namespace Lofizone.Testing.Hosts;

/// <summary>A process that stops itself at a named point (<see cref="Hosts.FaultPoint.HoldVariable"/>), so that what a test does then happens exactly there.</summary>
public static class HeldProcess
{
    /// <summary>Waits until the process is held, does something, and lets it go on.</summary>
    /// <param name="find">Its PID; null while it is not there yet.</param>
    /// <param name="meanwhile">What happens at the point.</param>
    /// <exception cref="TimeoutException">It did not come to the point.</exception>
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

    /// <summary>A process's state as /proc shows it (R, S, D, T, Z); a blank for one that is gone.</summary>
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

    /// <summary>PIDs of the processes whose arguments are these, whatever the program is called.</summary>
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
