using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using Lofizone.Basics;

namespace Lofizone.Config;

/// <summary>
/// zone.json: one configuration as UTF-8 text, always the same bytes for the same configuration. Other parties may write to the share that
/// holds the file. The content is therefore not trusted: it is bounded, parsed strictly, and verified after parsing.
/// </summary>
public static class ZoneConfigJson
{
    /// <summary>Version of the layout, the member <c>version</c>.</summary>
    public const int Version = 2;

    /// <summary>Name of the file beside the image.</summary>
    public const string FileName = "zone.json";

    /// <summary>Largest zone.json, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The canonical bytes of a configuration.</summary>
    /// <exception cref="LofizoneException">The configuration needs more than <see cref="MaxBytes"/>.</exception>
    public static byte[] Write(ZoneConfig config)
    {
        RootImage? image = config.RootImage;
        ZoneDocument document = new(
            VersionOf(config),
            config.Name,
            config.Uuid,
            config.ZonePath,
            config.Autoboot,
            config.Brand,
            image is null ? null : new RootImageDocument(
                image.Storage, image.Size, image.FsType, image.MaxIops, image.MaxBandwidth),
            config.Net.Count == 0 ? null : [.. config.Net.Select(n => new NetDocument(n.Physical, n.Address, n.DefRouter))],
            config.Attr.Count == 0 ? null : [.. config.Attr.Select(a => new AttrDocument(a.Name, a.Type, a.Value))],
            ConfigValues.Properties(config),
            ConfigValues.Resources(config));
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(document, ZoneDocumentContext.Default.ZoneDocument);
        if (json.Length >= MaxBytes)
            throw new LofizoneException(
                $"{config.Name}: the configuration takes {json.Length} bytes, at most {MaxBytes} are allowed",
                "remove some of its attr resources");
        return [.. json, (byte)'\n'];
    }

    /// <summary>Reads and verifies a configuration.</summary>
    /// <param name="json">Content of the file.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="zone">The zone that the configuration must belong to; null accepts any zone.</param>
    /// <exception cref="LofizoneException">The configuration is not sound. The message names file, line and reason.</exception>
    public static ZoneConfig Read(ReadOnlySpan<byte> json, string file, string? zone = null)
    {
        if (json.Length > MaxBytes)
            throw Broken(file, $"{json.Length} bytes, at most {MaxBytes} are allowed");
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];

        int? version = Parse(json, file, ZoneDocumentContext.Default.ZoneDocumentVersion).Version;
        if (version is null or < 1)
            throw Broken(file, "its member \"version\" is missing or not 1 or more");
        if (version > Version)
            throw new LofizoneException(
                $"{file}: written by a newer Lofizone (version {version} of its layout, this one knows up to {Version})",
                "install the newer Lofizone on this host too");

        ZoneDocument document = Parse(json, file, ZoneDocumentContext.Default.ZoneDocument);
        // The serializer's null checks do not cover the elements of lists.
        if (HoldsNull(document.Net) || HoldsNull(document.Attr))
            throw Broken(file, "a list in it holds null");
        (ZoneConfig config, string? fault) = ConfigValues.Read(ToConfig(document), document);
        if (fault is not null)
            throw Broken(file, fault);
        if (ZoneConfigVerifier.VerifyShared(config) is [var problem, ..])
            throw Broken(file, problem);
        if (zone is not null && config.Name != zone)
            throw Broken(file, $"it is the configuration of zone {config.Name}, not of {zone}");
        return config;
    }

    /// <summary>SHA-256 of the canonical bytes, 64 lower-case hexadecimal digits: equal for equal configurations only.</summary>
    public static string Digest(ZoneConfig config) => Convert.ToHexStringLower(Digests.Sha256(Write(config)));

    /// <summary>
    /// The lowest version whose layout has all of the configuration's members. A file of version 1 is also read by an older Lofizone, and
    /// keeps its bytes and its digest.
    /// </summary>
    private static int VersionOf(ZoneConfig config) =>
        config.Values.Count + config.Resources.Count == 0 && config.RootImage is not { IsLimited: true } ? 1 : Version;

    private static ZoneConfig ToConfig(ZoneDocument document) => new()
    {
        Name = document.Name,
        Uuid = document.Uuid,
        ZonePath = document.Zonepath,
        Autoboot = document.Autoboot,
        Brand = document.Brand,
        RootImage = document.Rootimage is { } image ? new RootImage(
            image.Storage, image.Size, image.Fstype, image.Maxiops, image.Maxbandwidth) : null,
        Net = [.. (document.Net ?? []).Select(n => new NetResource(n.Physical, n.Address, n.Defrouter))],
        Attr = [.. (document.Attr ?? []).Select(a => new AttrResource(a.Name, a.Type, a.Value))],
    };

    private static bool HoldsNull<T>(IReadOnlyList<T>? list) where T : class => list is not null && list.Any(item => item is null);

    private static T Parse<T>(ReadOnlySpan<byte> json, string file, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Broken(file, "it holds null");
        }
        catch (JsonException e)
        {
            throw Broken(file, JsonFault.Words(e), e);
        }
    }

    // Reasons may quote the file's own bytes.
    private static LofizoneException Broken(string file, string reason, Exception? inner = null) =>
        new(
            $"{file}: not a zone configuration: {string.Concat(reason.Select(c => SafeText.IsSafe(c) ? c : '?'))}",
            $"mend {file}, or put a copy of it back; 'zonecfg -z ZONE export' of a sound zone shows what belongs in one",
            inner);
}
