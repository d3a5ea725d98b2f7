using System.Diagnostics;
using System.Text;

namespace Lofizone.Programs;

/// <summary>
/// A program that is spoken to while it runs, over its standard input and output. What it says on standard error is kept, the end of it,
/// for the message that tells why it ended. Disposing it ends it.
/// </summary>
public sealed class PipedProgram : IAsyncDisposable
{
    /// <summary>Of standard error, characters kept: the last ones say why it ended.</summary>
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

    /// <summary>To its standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>From its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The end of what it has said on standard error.</summary>
    public string Error
    {
        get
        {
            lock (_lock)
                return _error.ToString().Trim();
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="LofizoneException">It is not there, or can't be started.</exception>
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

    /// <summary>No more will be said to it: most programs end then.</summary>
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
            // It has ended, and what was still buffered has no reader.
        }
    }

    /// <summary>Closes its input and waits for its end; kills it when that takes longer than <paramref name="patience"/>.</summary>
    /// <returns>Its exit code.</returns>
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
