using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>What became of zones, as one line each of the host's log: what was done, or why it was not.</summary>
public static class Lifecycle
{
    /// <summary>Does something to a zone and notes how it ended.</summary>
    public static Task NoteAsync(HostPaths paths, string zone, string what, Func<Task> run) => NoteAsync(paths, zone, what, async () =>
    {
        await run();
        return true;
    });

    /// <inheritdoc cref="NoteAsync(HostPaths, string, string, Func{Task})"/>
    public static async Task<T> NoteAsync<T>(HostPaths paths, string zone, string what, Func<Task<T>> run)
    {
        T result;
        try
        {
            result = await run();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            bool wasStopped = error is OperationCanceledException;
            Note(
                paths, zone, wasStopped ? $"{what}: interrupted" : $"{what} failed: {error.Message}",
                wasStopped ? LogPriority.Information : LogPriority.Error);
            throw;
        }

        Note(paths, zone, $"{what}: done", LogPriority.Information);
        return result;
    }

    /// <summary>One line.</summary>
    public static void Note(HostPaths paths, string zone, string line, LogPriority priority)
    {
        if (!HostLog.Write(paths, zone, Path.Combine(paths.Log, HostLog.ZonesFile), Shown.Line(line), priority))
            Console.Error.WriteLine($"zone {zone}: this could not be written to the log: {Shown.Line(line)}");
    }
}
