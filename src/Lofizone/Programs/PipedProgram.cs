using System.Diagnostics;
using System.Text;

namespace Lofizone.Programs;

/// <summary>
/// A running program with pipes to its standard input and output. The end of its standard error is kept for the message about the program's
/// end. Disposing ends the program.
/// </summary>
public sealed class PipedProgram : IAsyncDisposable
{
    /// <summary>Number of characters of standard error that are kept. The last ones tell why the program ended.</summary>
    private const int ErrorLimitChars = 4096;

    private readonly Process _process;
    private readonly Task _errors;
    private readonly StringBuilder _error = new();
    private readonly Lock _lock = new();
    private bool _closed;

    private PipedProgram(Process process)
    {
        _process = process;
        _errors = KeepErrorsAsync();
    }

    /// <summary>The program's standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The program's standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The end of the program's standard error.</summary>
    public string Error
    {
        get
        {
            lock (_lock)
                return _error.ToString().Trim();
        }
    }

    /// <summary>Starts the program.</summary>
    /// <exception cref="LofizoneException">The program is missing, or can't be started.</exception>
    public static PipedProgram Start(IProgramRunner programs, string program, params IReadOnlyList<string> arguments)
    {
        string file = programs.Find(program) ?? throw MissingProgram.Error(program);
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
#pragma warning disable RS0030 // programs are started in this folder only
        return new PipedProgram(Process.Start(start) ?? throw new LofizoneException($"{file}: could not be started"));
#pragma warning restore RS0030
    }

    /// <summary>Closes the program's input. Most programs then end.</summary>
    public void CloseInput()
    {
        if (_closed)
            return;
        _closed = true;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program has ended, so no reader is left for buffered input.
        }
    }

    /// <summary>Closes the program's input and waits for the program's end. Kills the program after <paramref name="patience"/>.</summary>
    /// <returns>The program's exit code.</returns>
    public async Task<int> EndAsync(TimeSpan patience)
    {
        CloseInput();
        using CancellationTokenSource limit = new(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await Task.WhenAny(_process.WaitForExitAsync(CancellationToken.None), Task.Delay(ProgramRunner.EndLimit));
        }

        return _process.HasExited ? _process.ExitCode : ProgramRunner.KilledExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(TimeSpan.Zero);
        // The caller may ask for the last words of a program that has ended.
        if (_process.HasExited)
            await Task.WhenAny(_errors, Task.Delay(ProgramRunner.EndLimit));
        _process.Dispose();
    }

    private async Task KeepErrorsAsync()
    {
        char[] buffer = new char[1024];
        int count;
        while ((count = await _process.StandardError.ReadAsync(buffer)) > 0)
        {
            lock (_lock)
            {
                _error.Append(buffer, 0, count);
                if (_error.Length > ErrorLimitChars)
                    _error.Remove(0, _error.Length - ErrorLimitChars);
            }
        }
    }
}
