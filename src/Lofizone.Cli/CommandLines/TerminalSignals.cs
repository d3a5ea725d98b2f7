using System.Globalization;
using System.Runtime.InteropServices;

namespace Lofizone.Cli.CommandLines;

/// <summary>
/// SIGHUP (the terminal was closed) and SIGQUIT cancel a command in order. The parser does the same for SIGINT and SIGTERM. A signal that
/// the caller has ignored, as nohup(1) does, stays ignored.
/// </summary>
internal sealed class TerminalSignals : IDisposable
{
    private const int HangUp = 1;
    private const int Quit = 3;

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public TerminalSignals()
        : this(Ignored())
    {
    }

    /// <param name="ignored">A bit for each signal that stays ignored (SigIgn of proc_pid_status(5)).</param>
    internal TerminalSignals(ulong ignored)
    {
        foreach ((int number, PosixSignal signal) in ((int, PosixSignal)[])[(HangUp, PosixSignal.SIGHUP), (Quit, PosixSignal.SIGQUIT)])
        {
            if ((ignored & (1UL << (number - 1))) == 0)
                _registrations.Add(PosixSignalRegistration.Create(signal, Cancel));
        }
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private static ulong Ignored()
    {
        const string Field = "SigIgn:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong mask)
            ? mask
            : 0;
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        // The cancellation runs on another thread, because it may take its time and all other signals wait for this thread.
        _ = Task.Run(_source.Cancel);
    }
}
