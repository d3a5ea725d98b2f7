using System.Diagnostics;
using System.Text;

namespace Lofizone.Programs;

/// <summary>Runs programs with <see cref="Process"/>. No other class may.</summary>
public sealed class ProgramRunner : IProgramRunner
{
    /// <summary>
    /// Limit for the kept output per stream, bytes. Further output is read and dropped, so that it can't fill the memory.
    /// </summary>
    public const int OutputLimitBytes = 4 << 20;

    /// <summary>
    /// Time that a killed program has to end. A program that waits in the kernel for a device or a server takes longer, and is left behind.
    /// </summary>
    internal static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(1);

    /// <summary>Exit code of a program that SIGKILL has ended, or will end.</summary>
    internal const int KilledExitCode = 128 + 9;

    private readonly ProgramDirectories _directories;

    public ProgramRunner()
        : this(ProgramDirectories.FromEnvironment())
    {
    }

    public ProgramRunner(ProgramDirectories directories) => _directories = directories;

    public string? Find(string program) => IsPath(program) ? (File.Exists(program) ? program : null) : _directories.Find(program);

    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        string file = Find(call.Program) ?? throw MissingProgram.Error(call.Program);
        ProcessStartInfo start = new(file, call.Arguments)
        {
            RedirectStandardInput = !call.Interactive,
            RedirectStandardOutput = !call.Interactive,
            RedirectStandardError = !call.Interactive,
            UseShellExecute = false,
        };
        // A program that the user has named by its path is the user's own, and runs in the user's environment.
        if (!IsPath(call.Program))
            start.Environment["PATH"] = ProgramDirectories.SearchPath;
        foreach ((string name, string? value) in call.Environment)
            start.Environment[name] = value;

#pragma warning disable RS0030 // the one runner
        using Process process = Process.Start(start) ?? throw new LofizoneException($"{file}: could not be started");
#pragma warning restore RS0030
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (call.TimeLimit is { } time)
            limit.CancelAfter(time);
        try
        {
            if (call.Interactive)
            {
                await process.WaitForExitAsync(limit.Token);
                return new ProgramResult(process.ExitCode, "", "");
            }

            Task<string> output = ReadBoundedAsync(process.StandardOutput, limit.Token);
            Task<string> error = ReadBoundedAsync(process.StandardError, limit.Token);
            await FeedAsync(process, call.Input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            bool ended = await EndAsync(process);
            cancellation.ThrowIfCancellationRequested();
            throw new LofizoneException(
                $"{call.Program} {string.Join(' ', call.Arguments)}: no end after {call.TimeLimit?.TotalSeconds:0.#} s, "
                + $"killed{(ended ? "" : $"; process {process.Id} waits in the kernel and ends later")}");
        }
    }

    /// <summary>Kills a program; false when the kernel does not let it end.</summary>
    private static async Task<bool> EndAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        try
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(EndLimit);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static bool IsPath(string program) => program.Contains('/', StringComparison.Ordinal);

    private static async Task FeedAsync(Process process, string? input, CancellationToken cancellation)
    {
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program closed its standard input early. Its exit code tells whether that was a failure.
        }
    }

    private static async Task<string> ReadBoundedAsync(StreamReader reader, CancellationToken cancellation)
    {
        StringBuilder text = new();
        char[] buffer = new char[8192];
        int count;
        while ((count = await reader.ReadAsync(buffer, cancellation)) > 0)
            text.Append(buffer, 0, Math.Min(count, OutputLimitBytes - text.Length));
        return text.ToString();
    }
}
