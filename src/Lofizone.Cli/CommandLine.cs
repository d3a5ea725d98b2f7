using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Operations;

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
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"{program}: {parsed.Errors[0].Message}");
            await Console.Error.WriteLineAsync($"  '{program} --help' shows the usage");
            return Failure.ExitUsage;
        }

        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            // An interrupted operation undoes what it did before the process ends.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(Reverter.TimeLimitSeconds + 10),
        };
        return await Failure.GuardAsync(program, parsed.GetValue(Debug), () => parsed.InvokeAsync(configuration));
    }
}
