using Lofizone.Zones;

namespace Lofizone.Cli.Output;

/// <summary>Zones whose files can't be read. A listing shows the other zones, and then these as failures.</summary>
internal sealed class BrokenZones(string program)
{
    private readonly List<LofizoneException> _errors = [];

    /// <summary>The zones that can be read.</summary>
    public IReadOnlyList<ZoneStatus> Sound(ZoneHost host) => [.. host.All(_errors.Add)];

    /// <summary>The zones that can be read, with their states for a listing. Asks only servers that are known to be away.</summary>
    public async Task<IReadOnlyList<ZoneStatus>> ListedAsync(ZoneHost host, CancellationToken cancellation)
    {
        await host.Away.RefreshAsync(cancellation);
        return [.. Sound(host).Select(z => z.Listed(host.Away))];
    }

    /// <summary>Prints the failures, and returns the command's exit code.</summary>
    public int Report()
    {
        foreach (LofizoneException error in _errors)
            Failure.Print(program, error);
        return _errors.Count == 0 ? 0 : Failure.ExitFailure;
    }
}
