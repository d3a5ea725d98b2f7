using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>
/// Remembers the signal that ends a login, so that the command in the zone gets the same signal. Other handlers of this process turn the
/// signal into a cancellation.
/// </summary>
internal sealed class LoginSignals : IDisposable
{
    private static readonly (PosixSignal Caught, Signal Passed)[] _signals =
    [
        (PosixSignal.SIGHUP, Signal.HangUp), (PosixSignal.SIGINT, Signal.Interrupt), (PosixSignal.SIGQUIT, Signal.Quit),
        (PosixSignal.SIGTERM, Signal.Terminate),
    ];

    private readonly PosixSignalRegistration[] _registrations;
    private int _first;

    public LoginSignals() => _registrations =
        [.. _signals.Select(s => PosixSignalRegistration.Create(s.Caught, _ => Interlocked.CompareExchange(ref _first, (int)s.Passed, 0)))];

    /// <summary>The first signal; SIGTERM when there was none.</summary>
    public Signal First => Volatile.Read(ref _first) is > 0 and int number ? (Signal)number : Signal.Terminate;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
