using Lofizone.Interop;

namespace Lofizone.Install.Update;

/// <summary>
/// A second tree of a zone's root beside it, made of hard links: its own directories, the same files. An update works on it without touching
/// the zone's root, as long as it replaces files and never writes into them; then the two change places in one step.
/// </summary>
internal static class TreeClone
{
    /// <summary>Deeper trees are not cloned: whoever made one wanted to see this program fail.</summary>
    private const int DepthLimit = 256;

    private const int PrivateDirectory = 0x1C0; // 0700 until its content is complete

    /// <summary>Clones the directory <paramref name="from"/> of <paramref name="parent"/> as its new directory <paramref name="to"/>.</summary>
    /// <exception cref="LinuxException">The file system refused: full, an immutable file.</exception>
    /// <exception cref="LofizoneException">Nested too deep.</exception>
    public static void Make(DirectoryHandle parent, string from, string to, CancellationToken cancellation) => CloneDirectory(parent, from, parent, to, 0, cancellation);

    private static void CloneDirectory(DirectoryHandle fromParent, string fromName, DirectoryHandle toParent, string toName, int depth, CancellationToken cancellation)
    {
        if (depth > DepthLimit)
            throw new LofizoneException($"{fromParent.RealPath}/{fromName}: directories are nested deeper than {DepthLimit}", "attach the zone without an update");
        cancellation.ThrowIfCancellationRequested();
        toParent.MakeDirectory(toName, PrivateDirectory);
        using (DirectoryHandle from = fromParent.OpenDirectory(fromName, PathWalk.NoLinks))
        using (DirectoryHandle to = toParent.OpenDirectory(toName, PathWalk.NoLinks))
        {
            foreach (string name in from.Names())
            {
                if (from.TryStat(name) is not { } entry)
                    continue;
                if (entry.Kind == FileKind.Directory)
                    CloneDirectory(from, name, to, name, depth + 1, cancellation);
                else
                    to.MakeHardLink(from, name, name);
            }
        }

        // After the content, which changes its time.
        FileMetadata metadata = fromParent.TryStat(fromName) ?? throw new LinuxException(Errno.ENOENT, "statx", fromName);
        toParent.SetOwner(toName, metadata.UserId, metadata.GroupId);
        toParent.SetMode(toName, metadata.Mode);
        foreach (string attribute in Xattrs.List($"{fromParent.ProcPath}/{fromName}"))
        {
            if (Xattrs.Get($"{fromParent.ProcPath}/{fromName}", attribute) is { } value)
                Xattrs.Set($"{toParent.ProcPath}/{toName}", attribute, value);
        }

        toParent.SetModified(toName, metadata.ModifiedSeconds, metadata.ModifiedNanoseconds);
    }
}
