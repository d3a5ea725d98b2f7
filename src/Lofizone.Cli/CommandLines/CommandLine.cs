using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Logs;
using Lofizone.Operations;
using Lofizone.Tracing;

namespace Lofizone.Cli.CommandLines;

/// <summary>
/// Parses and runs one command line of this program. Wrong usage gives exit code 2, one line that names the fault, and one line with the
/// usage.
/// </summary>
internal static class CommandLine
{
    private const string DebugName = "--debug";

    /// <summary>The parser's response files (@FILE) are switched off: a word that begins with @ is the user's own.</summary>
    private static readonly ParserConfiguration _parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>Finds --debug before the line is parsed, because the parsing may fail, too.</summary>
    public static bool WantsDebug(string[] arguments) => arguments.TakeWhile(a => a != "--").Contains(DebugName);

    public static Task<int> RunAsync(string program, RootCommand root, string[] arguments)
    {
        // Every command has this option. With it failures print a stack trace.
        Option<bool> debug = new(DebugName)
        {
            Description = "on failure, print where in the code it happened",
            Recursive = true,
            Hidden = true,
        };
        root.Options.Add(debug);
        root.Directives.Clear();
        return Failure.GuardAsync(program, WantsDebug(arguments), () => RunGuardedAsync(program, root, arguments));
    }

    private static IEnumerable<string> WordsOf(string program, ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? [program] : [program, parsed.CommandResult.Command.Name];

    private static async Task<int> RunGuardedAsync(string program, RootCommand root, string[] arguments)
    {
        if (arguments.Length == 0 && root.Subcommands.Count > 0)
        {
            await root.Parse("--help").InvokeAsync();
            return Failure.ExitUsage;
        }

        ParseResult parsed = root.Parse(arguments, _parser);
        if (WrongUsage.Of(parsed) is { } wrong)
            return Failure.Usage(program, wrong, WrongUsage.Usage(program, Personality.DescriptionOf(program), parsed));

        // The variable is checked before any work is done, because a missed trace can't be made up for.
        if (Environment.GetEnvironmentVariable(TraceLayersText.Variable) is { Length: > 0 } trace
            && TraceLayersText.TryParse(trace) is null)
            return Failure.Usage(program, TraceLayersText.Wrong(trace), $"set it to {TraceLayersText.Choices}");

        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            // An interrupted operation undoes its work before the process ends.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(Reverter.TimeLimitSeconds + 10),
        };
        using TerminalSignals signals = new();
        // What the command changes of zones tells the command as the reason.
        using EventCause cause = EventCause.Begin(string.Join(' ', WordsOf(program, parsed)));
        try
        {
            return await parsed.InvokeAsync(configuration, signals.Token);
        }
        catch (LofizoneException error) when (error.Kind == FailureKind.WrongUsage)
        {
            return Failure.Usage(
                program, error.Message, error.Advice ?? WrongUsage.Usage(program, Personality.DescriptionOf(program), parsed));
        }
    }
}
