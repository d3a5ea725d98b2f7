using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>The operations on zones, one line each in the host's log: the outcome, or the reason of a failure.</summary>
public static class Lifecycle
{
    /// <summary>Runs an operation on a zone and notes its outcome.</summary>
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

    /// <summary>Writes one line.</summary>
    public static void Note(HostPaths paths, string zone, string line, LogPriority priority)
    {
        if (!HostLog.Write(paths, zone, Path.Combine(paths.Log, HostLog.ZonesFile), SafeText.Line(line), priority))
            Console.Error.WriteLine($"zone {zone}: this could not be written to the log: {SafeText.Line(line)}");
    }
}
