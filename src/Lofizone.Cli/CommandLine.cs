using System.CommandLine;
using System.CommandLine.Parsing;
using Lofizone.Cli.Output;
using Lofizone.Operations;
using Lofizone.Tracing;

namespace Lofizone.Cli;

/// <summary>Parses and runs one of our command lines: wrong usage is exit code 2 and one line that says what is wrong.</summary>
internal static class CommandLine
{
    /// <summary>On every command: failures print where in the code they happened.</summary>
    public static Option<bool> Debug { get; } = new("--debug") { Description = "on failure, print where in the code it happened", Recursive = true, Hidden = true };

    public static async Task<int> RunAsync(string program, RootCommand root, string[] arguments)
    {
        root.Options.Add(Debug);
        if (arguments.Length == 0 && root.Subcommands.Count > 0)
        {
            await root.Parse("--help").InvokeAsync();
            return Failure.ExitUsage;
        }

        ParseResult parsed = root.Parse(arguments);
        if (WrongUsage(parsed) is { } wrong)
        {
            await Console.Error.WriteLineAsync($"{program}: {wrong}");
            await Console.Error.WriteLineAsync($"  '{program} --help' shows the usage");
            return Failure.ExitUsage;
        }

        if (Environment.GetEnvironmentVariable(TraceLayersText.Variable) is { Length: > 0 } trace && TraceLayersText.TryParse(trace) is null)
        {
            // Before anything is done: a trace that is missed afterwards can't be had again.
            await Console.Error.WriteLineAsync($"{program}: {Failure.Safe(TraceLayersText.Wrong(trace))}");
            await Console.Error.WriteLineAsync($"  set it to {TraceLayersText.Choices}");
            return Failure.ExitUsage;
        }

        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            // An interrupted operation undoes what it did before the process ends.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(Reverter.TimeLimitSeconds + 10),
        };
        using TerminalSignals signals = new();
        return await Failure.GuardAsync(program, parsed.GetValue(Debug), () => parsed.InvokeAsync(configuration, signals.Token));
    }

    /// <summary>What is wrong with the command line in one line, or null. The word that is not known says more than the one that is missing.</summary>
    private static string? WrongUsage(ParseResult parsed)
    {
        // The parser takes an option it does not know for an argument. After a command's first word, and after --, a dash is the command's own.
        Token[] words = [.. parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)];
        Token? option = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens.Take(1))
            .FirstOrDefault(t => t.Value.Length > 1 && t.Value.StartsWith('-') && words.Contains(t, ReferenceEqualityComparer.Instance));
        if (option is not null)
            return $"{option.Value}: no such option";
        if (parsed.Errors.Count == 0)
            return null;
        if (parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0)
            return $"{parsed.UnmatchedTokens[0]}: no such command";
        return parsed.Errors[0].Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal);
    }
}
