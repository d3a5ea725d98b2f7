namespace Lofizone.Tests.Fleet;

/// <summary>A host. It can crash and boot again, and freeze so that all of its work happens later.</summary>
internal sealed class FleetHost(FleetClock clock, int number, bool usesKernel)
{
    private long _frozenUntil;

    public int Number => number;

    /// <summary>True when the kernel's client carries the host's images. That client never takes lost locks again.</summary>
    public bool UsesKernel => usesKernel;

    /// <summary>Number of starts. A crash ends all work of earlier starts.</summary>
    public int Boot { get; private set; } = 1;

    public bool IsUp { get; private set; } = true;

    public bool IsFrozen => clock.Now < _frozenUntil;

    public void Crash() => IsUp = false;

    public void Start()
    {
        IsUp = true;
        Boot++;
    }

    public void Freeze(long milliseconds) => _frozenUntil = Math.Max(_frozenUntil, clock.Now + milliseconds);

    /// <summary>Runs an action on this host as soon as the host is not frozen. A crash before that cancels the action.</summary>
    public void WhenAwake(Action action)
    {
        int boot = Boot;
        if (IsFrozen)
            clock.After(_frozenUntil - clock.Now, () => Act(boot, action));
        else
            Act(boot, action);
    }

    private void Act(int boot, Action action)
    {
        if (IsUp && Boot == boot)
            action();
    }
}
