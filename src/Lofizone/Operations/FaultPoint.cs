using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Operations;

/// <summary>
/// Named places at which a test may end the process as <c>kill -9</c> would: before and after every step of every operation.
/// Set <c>LOFIZONE_KILL_AT=OPERATION/STEP/before</c> (or <c>/after</c>); heeded only on a host below
/// <c>LOFIZONE_ROOT</c>, never on the machine itself. Unset, reaching a point costs one comparison.
/// </summary>
public static class FaultPoint
{
    public const string Variable = "LOFIZONE_KILL_AT";

    private static readonly string? _killAt = Environment.GetEnvironmentVariable(HostPaths.RootVariable) is null ? null : Environment.GetEnvironmentVariable(Variable);

    public static void Reached(string operation, string step, string moment)
    {
        if (_killAt is not null && _killAt == $"{operation}/{step}/{moment}")
            Signals.Send(Environment.ProcessId, Signal.Kill);
    }
}
