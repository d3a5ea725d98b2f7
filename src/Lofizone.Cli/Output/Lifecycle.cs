using Lofizone.Hosts;
using Lofizone.Logs;

namespace Lofizone.Cli.Output;

/// <summary>What a command did to a zone, as one line of the host's log: what was done, or why it was not.</summary>
internal static class Lifecycle
{
    /// <summary>Runs a verb on a zone and notes how it ended.</summary>
    public static async Task NoteAsync(HostPaths paths, string zone, string verb, Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Note(paths, zone, error is OperationCanceledException ? $"{zone}: {verb}: interrupted" : $"{zone}: {verb} failed: {error.Message}");
            throw;
        }

        Note(paths, zone, $"{zone}: {verb}: done");
    }

    private static void Note(HostPaths paths, string zone, string line)
    {
        try
        {
            HostLog.Write(paths, zone, Path.Combine(paths.Log, "zones.log"), Failure.Safe(line).ReplaceLineEndings(" "));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The zone matters more than its log.
            Console.Error.WriteLine($"zone: the log could not be written: {Failure.Safe(error.Message)}");
        }
    }
}
