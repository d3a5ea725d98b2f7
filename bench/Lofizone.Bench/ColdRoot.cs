using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>
/// A halted zone's root, mounted where its boot mounts it, with nothing of it in the page cache: as cold as the root that a boot finds.
/// </summary>
public sealed class ColdRoot : IAsyncDisposable
{
    private readonly HostCommands _host;
    private readonly IProgramRunner _runner;
    private readonly string _device;
    private readonly string _mountPoint;
    private readonly string _clone;

    private ColdRoot(HostCommands host, IProgramRunner runner, string device, string mountPoint, string clone) =>
        (_host, _runner, _device, _mountPoint, _clone) = (host, runner, device, mountPoint, clone);

    /// <param name="host">The host of the zone.</param>
    /// <param name="runner">Runs mount(8) and umount(8).</param>
    /// <param name="image">URI of the zone's image.</param>
    /// <param name="zone">The zone, which is halted.</param>
    /// <param name="container">The container that gets the root.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task<ColdRoot> MountAsync(
        HostCommands host, IProgramRunner runner, string image, string zone, BareContainer container, CancellationToken cancellation)
    {
        string device = (await host.RunAsync("lofiadm", ["-a", image], cancellation)).Output.Trim();
        string mountPoint = host.Paths.ZonePath(zone);
        ColdRoot root = new(host, runner, device, mountPoint, container.Root);
        try
        {
            Directory.CreateDirectory(mountPoint);
            await runner.RunCheckedAsync(new ProgramCall("mount", ["-o", "nosuid,nodev,noexec,nosymfollow", device, mountPoint]), cancellation);
            string above = Directory.CreateDirectory(Path.GetDirectoryName(container.Root)!).FullName;
            Directory.CreateDirectory(container.Root);
            DescriptorPath.ChangeOwner(above, container.Owner, container.Owner);
            IdmappedMount.Attach(Path.Combine(mountPoint, "root"), container.Root, container.Owner, container.OwnerCount);
            return root;
        }
        catch
        {
            await root.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string mountPoint in new[] { _clone, _mountPoint })
            await _runner.RunAsync(new ProgramCall("umount", ["-q", mountPoint]), CancellationToken.None);
        await _host.RunAsync("lofiadm", ["-d", _device], CancellationToken.None);
    }
}
