using Lofizone.Install;
using Lofizone.Install.Trees;
using Lofizone.Install.Update;

namespace Lofizone.Zones;

/// <summary>Brand native: the root is a copy of the global zone's packages, as on Solaris.</summary>
public sealed class NativeBrand(NativeInstaller installer, NativeUpdater updater) : IBrand
{
    public string Name => NativeInstaller.Brand;

    public Task<InstallEstimate> EstimateAsync(CancellationToken cancellation) => installer.EstimateAsync(cancellation);

    public Task<Manifest> InstallAsync(
        string root, string zone, uint uidBase, IReporter reporter, TextWriter log, CancellationToken cancellation) =>
        installer.InstallAsync(root, zone, uidBase, reporter, log, cancellation);

    public Task<HostOffer> OfferAsync(CancellationToken cancellation) => updater.OfferAsync(cancellation);

    public Task<Manifest> DescribeAsync(string root, string zone, CancellationToken cancellation) =>
        updater.DescribeAsync(root, zone, cancellation);

    public Task<IReadOnlyList<ManifestPackage>> PrepareUpdateAsync(
        string zonePath, string zone, uint uidBase, UpdateKind kind, TextWriter log, CancellationToken cancellation) =>
        updater.PrepareAsync(zonePath, zone, uidBase, kind, log, cancellation);
}
