namespace Lofizone.Interop;

/// <summary>
/// Counts the processes of a cgroup and of the cgroups below it. The kernel counts threads (pids.current), and no file counts processes. A
/// zone may make cgroups of any number, depth and name, so the walk goes by descriptors and has limits.
/// </summary>
public static class CgroupProcesses
{
    /// <summary>Largest number of cgroups that are read. A zone's systemd has about 50.</summary>
    public const int CgroupLimit = 4096;

    /// <summary>Largest depth below the first cgroup. One descriptor is open for each level.</summary>
    public const int DepthLimit = 32;

    private const int BufferBytes = 16 << 10;

    private static readonly byte[] _members = [.. "cgroup.procs\0"u8];

    /// <summary>Number of processes; null when the cgroup does not exist, or when the walk met a limit.</summary>
    public static long? Count(string path)
    {
        if (!Directory.Exists(path))
            return null;
        try
        {
            using FileDescriptor top = Files.Open(path, OpenFlags.Directory | OpenFlags.NoFollow);
            int left = CgroupLimit;
            return Count(top, DepthLimit, ref left);
        }
        catch (LinuxException)
        {
            // The cgroup has ended meanwhile.
            return null;
        }
    }

    private static long? Count(FileDescriptor cgroup, int depth, ref int left)
    {
        if (depth == 0 || left-- == 0)
            return null;
        long count = Own(cgroup);
        foreach (RawName name in RawDirectory.Names(cgroup).Where(n => n.Kind is FileKind.Directory))
        {
            using FileDescriptor? child = RawDirectory.TryOpen(cgroup, name.Bytes, OpenFlags.Directory | OpenFlags.NoFollow);
            // A cgroup that has ended since has no processes.
            if (child is null)
                continue;
            if (Count(child, depth - 1, ref left) is not { } below)
                return null;
            count += below;
        }

        return count;
    }

    /// <summary>
    /// The processes of the cgroup itself, one on each line. A threaded cgroup (version 2) refuses the read: its processes are counted in
    /// the cgroup above that is their domain.
    /// </summary>
    private static long Own(FileDescriptor cgroup)
    {
        using FileDescriptor? file = RawDirectory.TryOpen(cgroup, _members, OpenFlags.ReadOnly);
        if (file is null)
            return 0;
        Span<byte> buffer = stackalloc byte[BufferBytes];
        long lines = 0;
        int count;
        while ((count = Polling.Read(file.Number, buffer)) > 0)
            lines += buffer[..count].Count((byte)'\n');
        return lines;
    }
}
