using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Config;
using Lofizone.Install;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// What a detach leaves beside the image for the host that attaches the zone next, as Solaris leaves SUNWdetached.xml:
/// <c>detached.json</c>.
/// </summary>
/// <param name="Version">Version of this layout.</param>
/// <param name="Host">Host that gave the zone away.</param>
/// <param name="At">Time of the detach.</param>
/// <param name="FileSystemFeatures">Features of the image's file system that not every kernel has.</param>
/// <param name="Manifest">The zone's packages, as found inside the zone.</param>
internal sealed record DetachedZone(
    int Version, ForeignText Host, DateTimeOffset At, IReadOnlyList<ForeignText> FileSystemFeatures, Manifest Manifest)
{
    /// <summary>Name of the file beside the image.</summary>
    public const string FileName = "detached.json";

    public const int CurrentVersion = 1;

    /// <summary>Largest size of the file, bytes: that of the manifest and some more.</summary>
    public const int LimitBytes = ManifestFile.LimitBytes + (64 << 10);

    private const int FeatureLimit = 64;
    private const int TextLimitChars = 256;

    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this, SharedZonesJson.Default.DetachedZone);

    /// <exception cref="LofizoneException">The file is missing or is not what this program writes.</exception>
    public static async Task<DetachedZone> ReadAsync(ZoneHost host, ShareUri shareUri, string name, CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(shareUri, cancellation);
        string path = ZonePaths.OnShare(name, FileName);
        byte[] json = await share.ReadFileAsync(path, LimitBytes, cancellation)
            ?? throw new LofizoneException(
                $"{shareUri.Below(path)}: is missing, so this is not the zone that was given away",
                "see that the URI leads both hosts to one share; or name the one that this host is to use: --share URI");
        return Parse(json, shareUri.Below(path).ToString());
    }

    /// <exception cref="LofizoneException">Others may write to the share: not what this program writes.</exception>
    public static DetachedZone Parse(ReadOnlySpan<byte> json, string origin)
    {
        DetachedZone zone;
        try
        {
            zone = JsonSerializer.Deserialize(json, SharedZonesJson.Default.DetachedZone) ?? throw new JsonException("it holds null");
            if (zone.Version != CurrentVersion)
                throw new JsonException($"its version is {zone.Version}, this program knows {CurrentVersion}");
            if (zone.Host.Length > TextLimitChars || zone.FileSystemFeatures.Count > FeatureLimit
                || zone.FileSystemFeatures.Any(f => f.Length > TextLimitChars))
                throw new JsonException("a member of it is too long");
        }
        catch (JsonException error)
        {
            throw new LofizoneException(
                $"{origin}: not a detached zone's manifest: {JsonFault.Words(error)}",
                "restore the file from a copy, or attach the zone with -F", error);
        }

        ManifestFile.Validate(zone.Manifest, origin);
        return zone;
    }
}

/// <summary>Files beside an image that any version on any host may have written. Unknown members are ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy =
        JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(ZoneHome))]
[JsonSerializable(typeof(DetachedZone))]
internal sealed partial class SharedZonesJson : JsonSerializerContext;
