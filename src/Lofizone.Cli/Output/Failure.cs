using Lofizone.Interop;

namespace Lofizone.Cli.Output;

/// <summary>
/// Turns a failure into one clear message on standard error and an exit code. A stack trace is printed only with --debug.
/// </summary>
internal static class Failure
{
    public const int ExitFailure = 1;
    public const int ExitUsage = 2;

    /// <summary>Exit code after SIGPIPE, in the shells' numbering.</summary>
    public const int ExitNoReader = 141;

    /// <summary>Exit code after SIGINT, in the shells' numbering.</summary>
    public const int ExitInterrupted = 130;

    public static async Task<int> GuardAsync(string program, bool debug, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            Say($"{program}: interrupted");
            return ExitInterrupted;
        }
        catch (OutputLostException lost) when (lost.HasNoReader)
        {
            // The reader has closed the pipe. The command ends silently, as other programs do.
            return ExitNoReader;
        }
        catch (Exception error)
        {
            Print(program, error);
            if (debug)
                Say(Safe(error.ToString()));
            return error is LofizoneException { Kind: FailureKind.WrongUsage } ? ExitUsage : ExitFailure;
        }
    }

    /// <summary>Reports wrong usage: the fault, and the usage or the correct form.</summary>
    public static int Usage(string program, string wrong, string usage)
    {
        Say($"{program}: {Safe(wrong).ReplaceLineEndings(" ")}");
        Say($"  {Safe(usage)}");
        return ExitUsage;
    }

    /// <summary>Handles exceptions that no command catches, on any thread: ends the process like any other failure.</summary>
    public static void EndOnUnhandled(string program, bool debug) => AppDomain.CurrentDomain.UnhandledException += (_, e) =>
    {
        if (e.ExceptionObject is Exception error)
            Print(program, error);
        if (debug)
            Say(Safe(e.ExceptionObject.ToString() ?? ""));
        Environment.Exit(ExitFailure);
    };

    /// <summary>Prints one message, with the next action on a line of its own.</summary>
    public static void Print(string program, Exception error)
    {
        Say($"{program}: {SafeText.Lines(Words(error))}");
        string? advice = error is LofizoneException known ? known.Advice
            : error is UnauthorizedAccessException && !Environment.IsPrivilegedProcess ? "run it as root, for example with sudo"
            : null;
        if (advice is not null)
            Say($"  {SafeText.Line(advice)}");
    }

    /// <summary>
    /// Makes a message safe: it may quote text of other parties on a share or server, which must not command the terminal.
    /// </summary>
    internal static string Safe(string text) => string.Concat(text.Select(c => c == '\n' || SafeText.IsSafe(c) ? c : '?'));

    private static void Say(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (IOException)
        {
            // The terminal was closed. The exit code remains.
        }
    }

    private static string Words(Exception error) => error switch
    {
        LofizoneException => error.Message,
        LinuxException linux when linux.Errno is Errno.EPERM or Errno.EACCES && !Environment.IsPrivilegedProcess =>
            $"{error.Message}: must be root",
        IOException or UnauthorizedAccessException => error.Message,
        _ => $"{error.Message} ({error.GetType().Name}; run again with --debug for where it happened)",
    };
}
