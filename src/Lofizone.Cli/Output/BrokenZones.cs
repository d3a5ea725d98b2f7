using Lofizone.Zones;

namespace Lofizone.Cli.Output;

/// <summary>Zones whose files can't be read. A listing shows the other zones, and then these as failures.</summary>
internal sealed class BrokenZones(string program)
{
    private readonly List<LofizoneException> _errors = [];

    /// <summary>The zones that can be read.</summary>
    public IReadOnlyList<ZoneStatus> Sound(ZoneHost host) => [.. host.All(_errors.Add)];

    /// <summary>Prints the failures, and returns the command's exit code.</summary>
    public int Report()
    {
        foreach (LofizoneException error in _errors)
            Failure.Print(program, error);
        return _errors.Count == 0 ? 0 : Failure.ExitFailure;
    }
}
