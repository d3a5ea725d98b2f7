namespace Lofizone.Devices;

/// <summary>The link <c>/dev/lofi/N</c> to a loop device.</summary>
internal static class DeviceLink
{
    /// <summary>Makes the link. Replaces an old link, and refuses any other object in its place.</summary>
    public static void Make(string link, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        FileInfo there = new(link);
        if (there.Exists && there.LinkTarget is null || Directory.Exists(link) && there.LinkTarget is null)
            throw new LofizoneException(
                $"{link}: the name is taken by an object that is not a link of Lofizone", $"look at it and move it away: ls -ld {link}");
        Remove(link);
        File.CreateSymbolicLink(link, target);
    }

    /// <summary>Removes the link; false when there was none.</summary>
    public static bool Remove(string link)
    {
        FileInfo there = new(link);
        if (there.LinkTarget is null)
            return false;
        there.Delete();
        return true;
    }
}
