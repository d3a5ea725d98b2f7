using Lofizone.Install;

namespace Lofizone.Zones;

/// <summary>How a zone's root is filled. A new brand is one class of this interface and one line in <see cref="ZoneHost"/>.</summary>
public interface IBrand
{
    /// <summary>Name as in the configuration's property <c>brand</c>.</summary>
    string Name { get; }

    /// <summary>Bytes and inodes that an installation takes, so that an image that is too small is refused before anything is done.</summary>
    Task<InstallEstimate> EstimateAsync(CancellationToken cancellation);

    /// <summary>Fills the empty directory <paramref name="root"/>; says how far it is; writes details to <paramref name="log"/>.</summary>
    Task<Manifest> InstallAsync(string root, string zone, IReporter reporter, TextWriter log, CancellationToken cancellation);
}
