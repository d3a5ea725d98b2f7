using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Explain;

/// <summary>Space on the shares that hold zones and in the mounted images, each share before its images.</summary>
public sealed class SpaceReport(ZoneHost host)
{
    /// <summary>
    /// Limit for the questions to a share, seconds. All shares are asked at the same time, so that the command answers within 2 s.
    /// </summary>
    private const double ShareLimitSeconds = 1.2;

    /// <summary>
    /// The space of all shares and lofi devices, or of those of one zone. A server that does not answer costs only its own line.
    /// </summary>
    /// <param name="zones">The zones to look at.</param>
    /// <param name="all">Include devices that belong to none of these zones.</param>
    /// <param name="cancellation">Ends the questions to servers.</param>
    public async Task<IReadOnlyList<SpaceRow>> RowsAsync(IReadOnlyList<ZoneStatus> zones, bool all, CancellationToken cancellation)
    {
        LofiDevice[] devices = [.. host.Lofi.List().Where(d => all || zones.Any(z => d.ZoneName == z.Name || IsMountedAt(d, z)))];
        IEnumerable<string> shares = zones.Select(z => z.Record.Config.RootImage?.Storage).OfType<string>()
            .Concat(devices.Where(d => d.ZoneName is null).Select(d => d.File.Split().Directory.ToString()))
            .Distinct(StringComparer.Ordinal);
        SpaceRow?[] rows = await Task.WhenAll(
            shares.Select(s => ShareRowAsync(ShareUri.Parse(s), cancellation))
                .Concat(devices.Select(d => DeviceRowAsync(d, cancellation))));
        return [.. rows.OfType<SpaceRow>()];
    }

    private static bool IsMountedAt(LofiDevice device, ZoneStatus zone) =>
        zone.Record.Config.ZonePath is { } path && MountOf(device) == path;

    private static string? MountOf(LofiDevice device) => LoopMounts.PointOf(device);

    private async Task<SpaceRow?> ShareRowAsync(ShareUri uri, CancellationToken cancellation)
    {
        string? mountedOn = uri.IsNfs ? null : uri.Path;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(ShareLimitSeconds));
        try
        {
            await using IShare share = await host.OpenShareAsync(uri, limit.Token);
            ShareSpace space = await share.SpaceAsync(limit.Token);
            return new SpaceRow(uri.ToString(), space.Total, space.Total - space.Free, space.Available, mountedOn);
        }
        catch (LofizoneException error)
        {
            return new SpaceRow(uri.ToString(), 0, 0, 0, mountedOn, error.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SpaceRow(
                uri.ToString(), 0, 0, 0, mountedOn,
                $"{uri}: does not answer within {ShareLimitSeconds} s");
        }
    }

    private static async Task<SpaceRow?> DeviceRowAsync(LofiDevice device, CancellationToken cancellation)
    {
        if (MountOf(device) is not { } point)
            return null;
        try
        {
            FileSystemSpace space = await FileSystemSpace.OfAsync(point, cancellation);
            return new SpaceRow(device.Link, space.Total, space.Total - space.Free, space.Available, point);
        }
        catch (TimeoutException error)
        {
            return new SpaceRow(device.Link, 0, 0, 0, point, $"{point}: {error.Message}");
        }
        catch (LinuxException error)
        {
            return new SpaceRow(device.Link, 0, 0, 0, point, $"{point}: does not tell its space: {LinuxException.Describe(error.Errno)}");
        }
    }
}
