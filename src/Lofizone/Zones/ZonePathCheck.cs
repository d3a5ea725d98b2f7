using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>The rules for a zonepath, before a zone is installed or mounted there.</summary>
internal static class ZonePathCheck
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Refuses a system directory, and a directory that a user other than root could replace, whoever asks for it. Links on the way are
    /// followed.
    /// </summary>
    public static void RequirePlace(string zone, string zonePath, HostPaths host)
    {
        // A host below a directory has its own system directories there.
        string? below = host.IsMachine ? null : host.Root;
        RootOnlyPath way = RootOnly.Follow(zonePath, below);
        foreach (string path in new[] { zonePath, way.Real }.Distinct())
        {
            string inside = below is not null && path.StartsWith(below + "/", StringComparison.Ordinal) ? path[below.Length..] : path;
            if (SystemDirectories.Of(inside) is { } directory)
            {
                throw new LofizoneException(
                    $"{zone}: the zonepath {SafeText.Text(zonePath)} {(inside == directory ? "is" : "lies in")} {directory}, where no "
                    + "zone is mounted",
                    $"choose a directory that is the zone's alone, for example {host.ZonePath(zone)} or /srv/zones/{zone}");
            }
        }

        if (way.Problem is { } problem)
            throw new LofizoneException(
                $"{zone}: not root alone decides what is at the zonepath {SafeText.Text(zonePath)}: {SafeText.Text(problem)}",
                $"choose a directory below which only root may write, for example {host.ZonePath(zone)}");
    }

    /// <summary>
    /// For a zone with an image: makes the directory (0700), or checks that an existing directory is empty and that only root can use it.
    /// </summary>
    /// <returns>True when the directory was made.</returns>
    public static bool Prepare(string zone, string zonePath)
    {
        RequireUsable(zone, zonePath);
        if (!Directory.Exists(zonePath))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(zonePath)!);
            Directory.CreateDirectory(zonePath, OwnerOnly);
            return true;
        }

        File.SetUnixFileMode(zonePath, OwnerOnly);
        return false;
    }

    /// <summary>For a zone with an image: checks that the zonepath is missing or an empty directory. Changes nothing.</summary>
    public static void RequireUsable(string zone, string zonePath)
    {
        // LinkTarget also finds a link that leads nowhere.
        if (new FileInfo(zonePath).LinkTarget is not null)
            throw new LofizoneException($"{zone}: the zonepath {zonePath} is a symbolic link", "set zonepath to the directory itself");
        if (File.Exists(zonePath))
            throw new LofizoneException($"{zone}: the zonepath {zonePath} is a file", "remove it, or choose another zonepath with zonecfg");
        if (Directory.Exists(zonePath) && Directory.EnumerateFileSystemEntries(zonePath).Any())
            throw new LofizoneException(
                $"{zone}: the zonepath {zonePath} is not empty", "empty it, or choose another zonepath with zonecfg");
        RefuseNfs(zone, zonePath, MountTable.Read());
    }

    /// <summary>For a zone without an image: checks that a file system of the administrator is mounted at the zonepath.</summary>
    public static void RequireMounted(string zone, string zonePath)
    {
        MountTable mounts = MountTable.Read();
        RefuseNfs(zone, zonePath, mounts);
        if (mounts.At(zonePath) is null)
        {
            throw new LofizoneException(
                $"{zone}: no file system is mounted at the zonepath {zonePath}, and the zone has no rootimage",
                $"mount one there (lofiadm -a, newfs, mount), or let the zone have its image: zonecfg -z {zone} 'add rootimage; set "
                + "storage=nfs://SERVER/export/zones; set size=1g; end'");
        }

        UnixFileMode mode = File.GetUnixFileMode(zonePath);
        if ((mode & ~OwnerOnly) != 0)
            throw new LofizoneException(
                $"{zone}: the zonepath {zonePath} is open to others than root (mode {Convert.ToString((int)mode, 8)})",
                $"chmod 700 {zonePath}");
    }

    /// <summary>Refuses a zone's root directly on NFS: the server would see the zone's users, and the zone would see NFS.</summary>
    public static void RefuseNfs(string zone, string zonePath, MountTable mounts)
    {
        if (KernelNfsRules.IsOnNfs(zonePath, mounts))
        {
            throw new LofizoneException(
                $"{zone}: the zonepath {zonePath} lies on an NFS file system, which can't hold a zone's root",
                $"keep the root in an image on the share instead: zonecfg -z {zone} 'add rootimage; set "
                + "storage=nfs://SERVER/export/zones; set size=1g; end', with the zonepath on a local file system");
        }
    }
}
