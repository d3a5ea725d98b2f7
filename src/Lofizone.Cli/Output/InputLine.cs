namespace Lofizone.Cli.Output;

/// <summary>
/// A line from standard input. The framework reads it on the caller's thread, whatever its asynchronous methods promise, so that a signal
/// at a question would wait for the answer. Here a thread of its own reads, which ends with the process.
/// </summary>
internal static class InputLine
{
    /// <returns>The line without its end; null at the end of input.</returns>
    public static Task<string?> ReadAsync(CancellationToken cancellation) =>
        Task.Factory.StartNew(Console.In.ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(cancellation);
}
