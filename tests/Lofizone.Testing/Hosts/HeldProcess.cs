using System.Diagnostics;
using Lofizone.Interop;

namespace Lofizone.Testing.Hosts;

/// <summary>A process that stops itself at a named point (<see cref="Hosts.FaultPoint.HoldVariable"/>), so that what a test does then happens exactly there.</summary>
public static class HeldProcess
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the process is held, does something, and lets it go on.</summary>
    /// <param name="find">Its PID; null while it is not there yet.</param>
    /// <param name="meanwhile">What happens at the point.</param>
    /// <exception cref="TimeoutException">It did not come to the point.</exception>
    public static async Task ContinueAsync(Func<int?> find, Func<Task> meanwhile)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int? process;
        while ((process = find()) is not { } id || State(id) != 'T')
        {
            if (watch.Elapsed > _limit)
                throw new TimeoutException($"no process was held within {_limit.TotalSeconds:0} s");
            await Task.Delay(_poll);
        }

        try
        {
            await meanwhile();
        }
        finally
        {
            Signals.Send(process.Value, Signal.Continue);
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
