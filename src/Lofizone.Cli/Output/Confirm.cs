namespace Lofizone.Cli.Output;

/// <summary>Asks before something is lost for good; without a terminal nothing is lost unless -F was given.</summary>
internal static class Confirm
{
    /// <summary>True when the user said yes.</summary>
    /// <exception cref="LofizoneException">There is nobody to ask.</exception>
    public static bool Ask(string question, string command, bool force)
    {
        if (force)
            return true;
        if (Console.IsInputRedirected)
            throw new LofizoneException($"Input not from terminal and -F not specified: {command} aborted.", "add -F to do it without being asked");
        Console.Error.Write($"{question} (y/[n])? ");
        return Console.ReadLine() is { } answer && answer.Trim().StartsWith("y", StringComparison.OrdinalIgnoreCase);
    }
}
