using Lofizone.Install;

namespace Lofizone.Zones;

/// <summary>Brand native: the root is a copy of the global zone's packages, as on Solaris.</summary>
public sealed class NativeBrand(NativeInstaller installer) : IBrand
{
    public string Name => "native";

    public Task<InstallEstimate> EstimateAsync(CancellationToken cancellation) => installer.EstimateAsync(InstallOptions.Default, cancellation);

    public async Task<Manifest> InstallAsync(string root, string zone, IReporter reporter, TextWriter log, CancellationToken cancellation) =>
        (await installer.InstallAsync(root, zone, InstallOptions.Default, reporter, log, cancellation)).Manifest;
}
