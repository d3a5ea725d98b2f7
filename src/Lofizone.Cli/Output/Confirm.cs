namespace Lofizone.Cli.Output;

/// <summary>Asks before data is lost for good. Without a terminal the command stops, unless -F was given.</summary>
internal static class Confirm
{
    /// <summary>True when the user said yes.</summary>
    /// <exception cref="LofizoneException">There is no user to ask.</exception>
    /// <exception cref="OperationCanceledException">A signal came in place of an answer.</exception>
    public static async Task<bool> AskAsync(string question, string command, bool force, CancellationToken cancellation)
    {
        if (force)
            return true;
        if (Console.IsInputRedirected)
            throw new LofizoneException(
                $"Input not from terminal and -F not specified: {command} aborted.", "add -F to do it without being asked");
        await Console.Error.WriteAsync($"{question} (y/[n])? ");
        return IsYes(await InputLine.ReadAsync(cancellation));
    }

    /// <summary>True for an answer that begins with y.</summary>
    public static bool IsYes(string? answer) => answer is not null && answer.Trim().StartsWith("y", StringComparison.OrdinalIgnoreCase);
}
