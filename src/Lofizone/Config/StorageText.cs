using Lofizone.Shares;

namespace Lofizone.Config;

/// <summary>
/// A storage URI as a user writes it: a share, or as on Solaris the image's file, <c>SHARE/ZONENAME/root.img</c>. A zone's image always has
/// this place on its share.
/// </summary>
public static class StorageText
{
    private const string ImageEnd = "/root.img";

    /// <summary>The share of a storage URI.</summary>
    /// <exception cref="LofizoneException">The text is no URI of a share or of an image.</exception>
    public static ShareUri Share(string text) => Image(text)?.Share ?? ShareUri.Parse(text);

    /// <summary>Tells what a storage URI was taken for; null for a share.</summary>
    /// <exception cref="LofizoneException">The URI names another zone's image.</exception>
    public static string? Told(string text, string zone)
    {
        if (Image(text) is not { } image)
            return null;
        return image.Zone == zone
            ? $"{SafeText.Text(text)}: taken for the image of zone {zone} on the share {image.Share}"
            : throw new LofizoneException(
                $"{SafeText.Text(text)}: taken for the image of zone {SafeText.Text(image.Zone)}, and not of {zone}",
                $"name the share: {image.Share}");
    }

    private static (ShareUri Share, string Zone)? Image(string text)
    {
        int end = text.IndexOf('?', StringComparison.Ordinal) is var options && options < 0 ? text.Length : options;
        if (!text.AsSpan(0, end).EndsWith(ImageEnd, StringComparison.Ordinal))
            return null;
        (ShareUri directory, string zone) = ShareUri.Parse(text[..(end - ImageEnd.Length)] + text[end..]).Split();
        return (directory, zone);
    }
}
