using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Config;

namespace Lofizone.Install;

/// <summary>
/// The manifest as a JSON file. The share of the file may be writable by other parties, so every value is checked and bounded.
/// </summary>
public static class ManifestFile
{
    /// <summary>Name of the file beside the image.</summary>
    public const string Name = "manifest.json";

    /// <summary>Largest file that is read, bytes: some 20 times the size for 1,000 packages.</summary>
    public const int LimitBytes = 2 << 20;

    private const int PackageLimit = 20_000;
    private const int TextLimitChars = 256;

    public static byte[] Serialize(Manifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.Manifest);

    /// <summary>Parses a manifest.</summary>
    /// <param name="json">The file's content.</param>
    /// <param name="origin">Name of the file, for messages.</param>
    /// <exception cref="LofizoneException">
    /// The file is too large, not JSON, or of another version; or a field is missing or out of bounds.
    /// </exception>
    public static Manifest Parse(ReadOnlySpan<byte> json, string origin)
    {
        if (json.Length > LimitBytes)
            throw Bad(origin, $"larger than {LimitBytes >> 20} MiB");
        Manifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest) ?? throw Bad(origin, "it holds only null");
        }
        catch (JsonException error)
        {
            throw Bad(origin, JsonFault.Words(error), error);
        }

        Validate(manifest, origin);
        return manifest;
    }

    /// <summary>Refuses values that no manifest of this program holds. Also for a manifest that came inside another file.</summary>
    internal static void Validate(Manifest manifest, string origin)
    {
        if (manifest.Version != Manifest.CurrentVersion)
            throw Bad(origin, $"its version is {manifest.Version}, this program knows {Manifest.CurrentVersion}");
        if (manifest.Init is not (Manifest.SystemdInit or Manifest.BusyboxInit))
            throw Bad(origin, "init is neither systemd nor busybox");
        string?[] texts = [manifest.Brand, manifest.LofizoneVersion, manifest.Os, manifest.KernelRelease, manifest.Architecture];
        if (!texts.All(IsText) || manifest.Packages is null || manifest.Packages.Count > PackageLimit)
            throw Bad(origin, "a field is empty, too long or holds control characters");
        if (!manifest.Packages.All(p => p is not null && IsText(p.Name) && IsText(p.Version) && IsText(p.Architecture)))
            throw Bad(origin, "a package's name, version or architecture is empty, too long or holds control characters");
    }

    private static bool IsText(string? text) => text is { Length: > 0 and <= TextLimitChars } && text.All(SafeText.IsSafe);

    private static LofizoneException Bad(string origin, string why, Exception? inner = null) =>
        new(
            $"{origin}: not a manifest: {why}",
            "the zone itself is unharmed; restore the file from a copy, or install the zone again",
            inner);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 8)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
