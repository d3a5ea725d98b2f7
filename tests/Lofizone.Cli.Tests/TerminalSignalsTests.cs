using Lofizone.Cli.CommandLines;
using Lofizone.Interop;

namespace Lofizone.Cli.Tests;

public sealed class TerminalSignalsTests
{
    private const int HangUp = 1;

    [Fact]
    public async Task A_closed_terminal_cancels_the_command()
    {
        using TerminalSignals signals = new(ignored: 0);
        TaskCompletionSource cancelled = new();
        using CancellationTokenRegistration registration = signals.Token.Register(cancelled.SetResult);

        Signals.Send(Environment.ProcessId, (Signal)HangUp);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
