using Lofizone.Cli.CommandLines;
using Lofizone.Hosts;

namespace Lofizone.Cli.Tests;

/// <summary>Runs the command lines in this process, on a host that is an empty directory.</summary>
internal static class ConsoleRun
{
    private static readonly Lock _console = new();

    static ConsoleRun() =>
        Environment.SetEnvironmentVariable(HostPaths.RootVariable, Directory.CreateTempSubdirectory($"lofizone-test-{Environment.ProcessId}-").FullName);

    /// <summary>Directory of the host.</summary>
    public static string Root => Environment.GetEnvironmentVariable(HostPaths.RootVariable)!;

    public static (int ExitCode, string Output, string Error) Run(string program, params string[] arguments)
    {
        lock (_console)
        {
            (TextWriter oldOutput, TextWriter oldError) = (Console.Out, Console.Error);
            using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
            Console.SetOut(output);
            Console.SetError(error);
            try
            {
                // The console belongs to one command at a time, so no other command can run meanwhile.
#pragma warning disable xUnit1031
                int exitCode = Personality.RunAsync(program, arguments).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
                return (exitCode, output.ToString(), error.ToString());
            }
            finally
            {
                Console.SetOut(oldOutput);
                Console.SetError(oldError);
            }
        }
    }
}
