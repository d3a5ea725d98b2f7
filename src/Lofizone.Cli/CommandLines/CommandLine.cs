using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Operations;
using Lofizone.Tracing;

namespace Lofizone.Cli.CommandLines;

/// <summary>
/// Parses and runs one of our command lines: wrong usage is exit code 2, one line that says what is wrong, and one with the usage.
/// </summary>
internal static class CommandLine
{
    private const string DebugName = "--debug";

    /// <summary>No word of a command line is the name of a file with more of them (@FILE): such a word is the user's own.</summary>
    private static readonly ParserConfiguration _parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>Known before the line is parsed: parsing may fail, too.</summary>
    public static bool WantsDebug(string[] arguments) => arguments.TakeWhile(a => a != "--").Contains(DebugName);

    public static Task<int> RunAsync(string program, RootCommand root, string[] arguments)
    {
        // On every command: failures print where in the code they happened.
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

        // Before anything is done: a trace that is missed afterwards can't be had again.
        if (Environment.GetEnvironmentVariable(TraceLayersText.Variable) is { Length: > 0 } trace
            && TraceLayersText.TryParse(trace) is null)
            return Failure.Usage(program, TraceLayersText.Wrong(trace), $"set it to {TraceLayersText.Choices}");

        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            // An interrupted operation undoes what it did before the process ends.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(Reverter.TimeLimitSeconds + 10),
        };
        using TerminalSignals signals = new();
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
