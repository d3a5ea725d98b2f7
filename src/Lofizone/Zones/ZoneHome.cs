using System.Text.Json;
using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>
/// The host that a zone is installed on: <c>home.json</c> beside the image, from install or attach to detach, whether the zone is up or
/// not. The image's lock decides which host may write now. The home record names the zone's host while the lock is free. So a host that
/// returns does not boot, change or delete a zone that another host has taken over.
/// </summary>
/// <param name="Host">Host name.</param>
/// <param name="HostId">The host's random ID (<see cref="HostIdentity"/>).</param>
/// <param name="Since">Time at which the zone came to the host.</param>
public sealed record ZoneHome(ForeignText Host, ForeignText HostId, DateTimeOffset Since)
{
    /// <summary>Name of the file beside the image.</summary>
    public const string FileName = "home.json";

    internal const int LimitBytes = 16 << 10;
    private const int TextLimitChars = 256;

    internal static ZoneHome OfThisHost(HostPaths paths, TimeProvider time) =>
        new(Environment.MachineName, HostIdentity.Id(paths), time.GetUtcNow());

    internal bool IsThisHost(HostPaths paths) => HostId == HostIdentity.Id(paths);

    internal byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this, SharedZonesJson.Default.ZoneHome);

    /// <exception cref="LofizoneException">
    /// The content is not one that this program writes. Other parties may write to the share.
    /// </exception>
    internal static ZoneHome Parse(ReadOnlySpan<byte> json, string origin)
    {
        try
        {
            ZoneHome home = JsonSerializer.Deserialize(json, SharedZonesJson.Default.ZoneHome) ?? throw new JsonException("it holds null");
            if (home.Host.Length > TextLimitChars || home.HostId.Length > TextLimitChars)
                throw new JsonException("a name in it is too long");
            return home;
        }
        catch (JsonException error)
        {
            throw new LofizoneException(
                $"{origin}: does not say which host the zone is installed on: {JsonFault.Words(error)}",
                "restore the file from a copy; or, when the zone is up on no host, remove it and attach the zone", error);
        }
    }
}
