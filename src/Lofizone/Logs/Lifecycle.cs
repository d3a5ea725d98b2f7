using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>
/// The operations on zones, an event and a line in the host's log for each: the outcome, or the reason of a failure.
/// </summary>
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
        using EventCause cause = EventCause.Begin(what);
        T result;
        try
        {
            result = await run();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            bool wasStopped = error is OperationCanceledException;
            EventLog.Add(paths, zone, wasStopped ? ZoneEventKind.Interrupted : ZoneEventKind.Failed, wasStopped ? null : error.Message);
            Write(
                paths, zone, wasStopped ? $"{what}: interrupted" : $"{what} failed: {error.Message}",
                wasStopped ? LogPriority.Information : LogPriority.Error);
            throw;
        }

        EventLog.Add(paths, zone, ZoneEventKind.Done);
        Write(paths, zone, $"{what}: done", LogPriority.Information);
        return result;
    }

    /// <summary>Notes a warning about a zone.</summary>
    public static void Warn(HostPaths paths, string zone, string text)
    {
        EventLog.Add(paths, zone, ZoneEventKind.Warning, text);
        Write(paths, zone, text, LogPriority.Warning);
    }

    /// <summary>Notes what was done to a zone, outside of <see cref="NoteAsync(HostPaths, string, string, Func{Task})"/>.</summary>
    public static void NoteDone(HostPaths paths, string zone, string what, string result)
    {
        EventLog.Add(paths, zone, ZoneEventKind.Done, result, what);
        Write(paths, zone, $"{what}: done, {result}", LogPriority.Information);
    }

    private static void Write(HostPaths paths, string zone, string line, LogPriority priority)
    {
        if (!HostLog.Write(paths, zone, Path.Combine(paths.Log, HostLog.ZonesFile), SafeText.Line(line), priority))
            Console.Error.WriteLine($"zone {zone}: this could not be written to the log: {SafeText.Line(line)}");
    }
}
