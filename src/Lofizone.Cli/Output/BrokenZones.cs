using Lofizone.Zones;

namespace Lofizone.Cli.Output;

/// <summary>Zones whose files can't be read: a listing shows the others, then these as failures.</summary>
internal sealed class BrokenZones(string program)
{
    private readonly List<LofizoneException> _errors = [];

    /// <summary>The zones that can be read.</summary>
    public IReadOnlyList<ZoneStatus> Sound(ZoneHost host) => [.. host.All(_errors.Add)];

    /// <summary>Prints what was wrong; the exit code of the command.</summary>
    public int Report()
    {
        foreach (LofizoneException error in _errors)
            Failure.Print(program, error);
        return _errors.Count == 0 ? 0 : Failure.ExitFailure;
    }
}
