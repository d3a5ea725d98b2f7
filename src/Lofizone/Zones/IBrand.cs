using Lofizone.Install;
using Lofizone.Install.Trees;
using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>How a zone's root is filled. A new brand is one class of this interface and one line in <see cref="ZoneHost"/>.</summary>
public interface IBrand
{
    /// <summary>Name as in the configuration's property <c>brand</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Bytes and inodes that an installation takes, so that an image that is too small is refused before anything is done.
    /// </summary>
    Task<InstallEstimate> EstimateAsync(CancellationToken cancellation);

    /// <summary>
    /// Fills the empty directory <paramref name="root"/>; says how far it is; writes details to <paramref name="log"/>. Programs of the
    /// root run as the zone, whose root is <paramref name="uidBase"/> on the host.
    /// </summary>
    Task<Manifest> InstallAsync(string root, string zone, uint uidBase, IReporter reporter, TextWriter log, CancellationToken cancellation);

    /// <summary>What this host has for zones of the brand, to compare with one that comes from elsewhere.</summary>
    Task<HostOffer> OfferAsync(CancellationToken cancellation);

    /// <summary>The packages of a zone as they are found in its root now.</summary>
    Task<Manifest> DescribeAsync(string root, string zone, CancellationToken cancellation);

    /// <summary>
    /// Makes an updated copy of the root beside it (<see cref="NativeUpdater.CloneName"/>); returns what has changed in it.
    /// </summary>
    Task<IReadOnlyList<ManifestPackage>> PrepareUpdateAsync(
        string zonePath, string zone, uint uidBase, UpdateKind kind, TextWriter log, CancellationToken cancellation);
}
