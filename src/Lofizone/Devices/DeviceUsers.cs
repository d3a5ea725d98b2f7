using System.Globalization;
using Lofizone.Interop;

namespace Lofizone.Devices;

/// <summary>Finds the users of a loop device, in this and in other mount namespaces (a running zone keeps its root mounted).</summary>
internal static class DeviceUsers
{
    /// <summary>Number of processes that a message names.</summary>
    private const int NamedLimit = 5;

    /// <exception cref="LofizoneException">The device is mounted in this mount namespace. The message names the mount point.</exception>
    public static void RefuseWhenMounted(LofiDevice device, string loop)
    {
        if (MountsOf(MountTable.Read(), device.Link, loop) is [{ } mount, ..])
            throw new LofizoneException($"{device.Link}: mounted at {mount.MountPoint}", $"unmount it first: umount {mount.MountPoint}");
    }

    /// <summary>The message for a device that the kernel reports as in use, although the device is not mounted in this namespace.</summary>
    public static LofizoneException InUse(LofiDevice device, string loop) => new(
        $"{device.Link}: in use by {Describe(loop)}",
        device.ZoneName is null
            ? "halt the zone or end the program that uses it, then try again"
            : $"halt the zone: zone halt {device.ZoneName}");

    /// <summary>Names the processes that have the device mounted or open, or says that there is none.</summary>
    public static string Describe(string loop) => Find(loop) is { Count: > 0 } users
        ? string.Join(", ", users)
        : "a program or mount that could not be found";

    /// <summary>
    /// Some of the processes that have the device mounted or open. A device may be in use without any: the kernel still writes back a
    /// former mount for a process of another mount namespace that released the mount last (a container's start copies all mounts). Of each
    /// mount namespace that has the device mounted, one process stands for all.
    /// </summary>
    public static IReadOnlyList<string> Find(string loop)
    {
        List<string> users = [];
        HashSet<string> namespaces = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int pid) || pid == Environment.ProcessId)
                continue;
            if (Uses(pid, loop, namespaces) is { } how)
                users.Add($"{Name(directory)} (process {pid}, {how})");
            if (users.Count == NamedLimit)
                break;
        }

        return users;
    }

    /// <summary>Mounts of a device, found by device number, and by source for file systems with numbers of their own (btrfs).</summary>
    public static IReadOnlyList<MountEntry> MountsOf(MountTable table, string link, string loop)
    {
        DeviceNumber? number = LoopDevices.Number(loop);
        return [.. table.Entries.Where(e => e.Device == number || e.Source == loop || e.Source == link)];
    }

    private static string? Uses(int pid, string loop, HashSet<string> mountNamespaces)
    {
        try
        {
            bool isFirst = mountNamespaces.Add(new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget ?? "");
            if (isFirst && MountsOf(MountTable.Read(pid), loop, loop).Count > 0)
                return "has it mounted";
            foreach (string descriptor in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
                if (new FileInfo(descriptor).LinkTarget == loop)
                    return "has it open";
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // The process has ended.
            return null;
        }
    }

    private static string Name(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "comm")).Trim();
        }
        catch (IOException)
        {
            return "?";
        }
    }
}
