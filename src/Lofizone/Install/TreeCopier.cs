using Lofizone.Install.Trees;
using Lofizone.Interop;

namespace Lofizone.Install;

/// <summary>
/// Carries out a copy plan. File contents are copied inside the kernel. Several directories are copied at the same time, because each file
/// costs some round trips when the image is behind a network. The target is new and writable by root alone, and each of its directories is
/// opened without following links.
/// </summary>
internal sealed class TreeCopier(
    SourceTree source, TargetTree target, Func<CopyEntry, (uint User, uint Group, int Mode)> ownership, TextWriter log)
{
    private const int Workers = 4;
    private const int ProgressEvery = 64;
    private const int PrivateDirectory = 0x1C0; // 0700 until its content is complete

    /// <summary>Attributes that belong to the file. Other attributes are this host's labels, keys or overlay data.</summary>
    private static readonly string[] _copiedAttributes = ["security.capability", "system.posix_acl_access", "system.posix_acl_default"];

    private int _done;

    /// <exception cref="LinuxException">The target failed: ENOSPC and others.</exception>
    /// <exception cref="LofizoneException">A file that the zone needs has vanished.</exception>
    public void Copy(CopyPlan plan, Action<int, int> progress, CancellationToken cancellation)
    {
        foreach (CopyEntry directory in plan.Directories)
        {
            using DirectoryHandle parent = target.OpenCanonical(directory.TargetDirectory);
            parent.MakeDirectory(directory.TargetName, PrivateDirectory);
        }

        ParallelOptions options = new() { MaxDegreeOfParallelism = Workers, CancellationToken = cancellation };
        try
        {
            Parallel.ForEach(plan.Files.Where(f => f.HardLinkTo is null).GroupBy(f => f.TargetDirectory), options, group =>
            {
                using DirectoryHandle directory = target.OpenCanonical(group.Key);
                foreach (CopyEntry entry in group)
                {
                    CopyOne(entry, directory, cancellation);
                    if (Interlocked.Increment(ref _done) % ProgressEvery == 0)
                        progress(_done, plan.Files.Count);
                }
            });
        }
        catch (AggregateException errors)
        {
            // All workers fail for the same reason (disk full, server gone), which the first exception names.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors.Flatten().InnerExceptions[0]);
        }

        foreach (CopyEntry entry in plan.Files.Where(f => f.HardLinkTo is not null))
            LinkOne(entry);
        // Directories come last, deepest first, because every new entry changes a directory's time.
        foreach (CopyEntry directory in plan.Directories.Reverse())
        {
            using DirectoryHandle parent = target.OpenCanonical(directory.TargetDirectory);
            ApplyMetadata(directory, parent);
        }

        progress(plan.Files.Count, plan.Files.Count);
    }

    private void CopyOne(CopyEntry entry, DirectoryHandle directory, CancellationToken cancellation)
    {
        try
        {
            if (entry.Metadata.Kind == FileKind.SymbolicLink)
            {
                string content = source.LinkAt(entry.Source) ?? throw new LinuxException(Errno.ENOENT, "readlink", entry.Source);
                directory.MakeSymbolicLink(content, entry.TargetName);
            }
            else
            {
                using FileDescriptor from = OpenSource(entry);
                using FileDescriptor to = directory.CreateFile(entry.TargetName);
                long count = CopyFile.Content(from, to, cancellation);
                if (count != entry.Metadata.Size)
                    Log($"{entry.Source} ({entry.Package}): changed while it was copied ({entry.Metadata.Size} bytes planned, {count} "
                        + "copied)");
            }
        }
        catch (LinuxException error) when (error.Errno == Errno.ENOENT)
        {
            if (!CopyPlanner.IsDispensable(entry.Source))
                throw new LofizoneException($"{entry.Source}: vanished from the global zone while package {entry.Package} was copied",
                    "let package changes in the global zone end, then install the zone again", error);
            Log($"{entry.Source} ({entry.Package}): vanished from the global zone: not copied");
            return;
        }

        ApplyMetadata(entry, directory);
    }

    private FileDescriptor OpenSource(CopyEntry entry)
    {
        using DirectoryHandle directory = source.OpenDirectory(entry.Source[..entry.Source.LastIndexOf('/')]);
        return directory.OpenRead(entry.Source[(entry.Source.LastIndexOf('/') + 1)..], PathWalk.NoLinks);
    }

    private void LinkOne(CopyEntry entry)
    {
        int slash = entry.HardLinkTo!.LastIndexOf('/');
        using DirectoryHandle from = target.OpenCanonical(entry.HardLinkTo[..slash]);
        using DirectoryHandle to = target.OpenCanonical(entry.TargetDirectory);
        if (from.TryStat(entry.HardLinkTo[(slash + 1)..]) is not null)
            to.MakeHardLink(from, entry.HardLinkTo[(slash + 1)..], entry.TargetName);
    }

    /// <summary>
    /// Sets owner, mode, attributes and times, in this order: chown(2) clears set-ID bits and capabilities, and each change sets the times.
    /// </summary>
    private void ApplyMetadata(CopyEntry entry, DirectoryHandle directory)
    {
        (uint user, uint group, int mode) = ownership(entry);
        directory.SetOwner(entry.TargetName, user, group);
        if (entry.Metadata.Kind != FileKind.SymbolicLink)
        {
            directory.SetMode(entry.TargetName, mode);
            CopyAttributes(entry, directory);
        }

        directory.SetModified(entry.TargetName, entry.Metadata.ModifiedSeconds, entry.Metadata.ModifiedNanoseconds);
    }

    private void CopyAttributes(CopyEntry entry, DirectoryHandle directory)
    {
        int slash = entry.Source.LastIndexOf('/');
        using DirectoryHandle parent = source.OpenDirectory(entry.Source[..slash]);
        string from = parent.ProcPath + entry.Source[slash..];
        foreach (string name in Xattrs.List(from)
            .Where(n => _copiedAttributes.Contains(n) || n.StartsWith("user.", StringComparison.Ordinal)))
        {
            try
            {
                if (Xattrs.Get(from, name) is { } value)
                    Xattrs.Set($"{directory.ProcPath}/{entry.TargetName}", name, value);
            }
            catch (LinuxException error) when (error.Errno == Errno.EOPNOTSUPP)
            {
                Log($"{entry.Target}: the zone's file system can't hold the attribute {name}");
            }
        }
    }

    private void Log(string line)
    {
        lock (log)
            log.WriteLine(line);
    }
}
