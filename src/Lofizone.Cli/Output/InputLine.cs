namespace Lofizone.Cli.Output;

/// <summary>
/// Reads a line from standard input. The framework reads on the caller's thread, also in its asynchronous methods, so that a signal at a
/// question would wait for the answer. This class reads on a thread of its own, which ends with the process.
/// </summary>
internal static class InputLine
{
    /// <returns>The line without its end; null at the end of input.</returns>
    public static Task<string?> ReadAsync(CancellationToken cancellation) =>
        Task.Factory.StartNew(Console.In.ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(cancellation);
}
