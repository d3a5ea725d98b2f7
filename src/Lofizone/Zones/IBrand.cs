using Lofizone.Install;
using Lofizone.Install.Trees;
using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>A way to fill a zone's root. A new brand is one class of this interface and one line in <see cref="ZoneHost"/>.</summary>
public interface IBrand
{
    /// <summary>The brand's name in the configuration's property <c>brand</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Space and inodes that an installation needs, so that an image that is too small is refused before any work is done.
    /// </summary>
    Task<InstallEstimate> EstimateAsync(CancellationToken cancellation);

    /// <summary>
    /// Fills the empty directory <paramref name="root"/>; says how far it is; writes details to <paramref name="log"/>. Programs of the
    /// root run as the zone, whose root is <paramref name="uidBase"/> on the host.
    /// </summary>
    Task<Manifest> InstallAsync(string root, string zone, uint uidBase, IReporter reporter, TextWriter log, CancellationToken cancellation);

    /// <summary>This host's packages for zones of the brand, to compare with a zone that comes from elsewhere.</summary>
    Task<HostOffer> OfferAsync(CancellationToken cancellation);

    /// <summary>The packages of a zone, as found in its root now.</summary>
    Task<Manifest> DescribeAsync(string root, string zone, CancellationToken cancellation);

    /// <summary>
    /// Makes an updated copy of the root beside it (<see cref="NativeUpdater.CloneName"/>), and returns the changed packages.
    /// </summary>
    Task<IReadOnlyList<ManifestPackage>> PrepareUpdateAsync(
        string zonePath, string zone, uint uidBase, UpdateKind kind, TextWriter log, CancellationToken cancellation);
}
