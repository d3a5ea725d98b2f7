namespace Lofizone.Tests.Fleet;

/// <summary>A host: it can crash and boot again, and freeze so that everything on it happens later.</summary>
internal sealed class FleetHost(FleetClock clock, int number, bool usesKernel)
{
    private long _frozenUntil;

    public int Number => number;

    /// <summary>Its images go through the kernel's client: lost locks are never taken again.</summary>
    public bool UsesKernel => usesKernel;

    /// <summary>How often it was started; a crash ends all that ran before.</summary>
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

    /// <summary>Does something on this host as soon as it is not frozen; never, when it has crashed by then.</summary>
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
