using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Named places at which a test may end the process as <c>kill -9</c> would: before and after every step of every operation, and around the
/// rename of every atomically written file. A test sets <c>LOFIZONE_KILL_AT=OPERATION/STEP/before</c> (or <c>/after</c>). The variable
/// counts only on a host below <c>LOFIZONE_ROOT</c>, never on the machine itself. Without the variable a point costs two comparisons.
/// <c>LOFIZONE_HOLD_AT</c> stops the process at a point, as SIGSTOP does, until the test has acted.
/// </summary>
public static class FaultPoint
{
    public const string Variable = "LOFIZONE_KILL_AT";

    public const string HoldVariable = "LOFIZONE_HOLD_AT";

    private static readonly string? _killAt = Of(Variable), _holdAt = Of(HoldVariable);

    /// <summary>Points of an atomic write: <c>store/NAME/before</c>, <c>/written</c> between write and rename, and <c>/after</c>.</summary>
    public const string Store = "store";

    public const string Before = "before", Written = "written", After = "after";

    public static void Reached(string operation, string step, string moment)
    {
        if (_killAt is not null && _killAt == $"{operation}/{step}/{moment}")
            Signals.Send(Environment.ProcessId, Signal.Kill);
        if (_holdAt is not null && _holdAt == $"{operation}/{step}/{moment}")
            Signals.Send(Environment.ProcessId, Signal.Stop);
    }

    private static string? Of(string variable) => Environment.GetEnvironmentVariable(HostPaths.RootVariable) is null
        ? null
        : Environment.GetEnvironmentVariable(variable);
}
