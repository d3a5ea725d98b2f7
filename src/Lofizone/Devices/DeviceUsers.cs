using System.Globalization;
using Lofizone.Interop;

namespace Lofizone.Devices;

/// <summary>Finds out who uses a loop device, here and in other mount namespaces (a zone that still runs keeps its root mounted).</summary>
internal static class DeviceUsers
{
    /// <summary>Processes named in a message; more don't help the reader.</summary>
    private const int NamedLimit = 5;

    /// <exception cref="LofizoneException">The device is mounted in this mount namespace; the message names where.</exception>
    public static void RefuseWhenMounted(LofiDevice device, string loop)
    {
        if (MountsOf(MountTable.Read(), device.Link, loop) is [{ } mount, ..])
            throw new LofizoneException($"{device.Link}: mounted at {mount.MountPoint}", $"unmount it first: umount {mount.MountPoint}");
    }

    /// <summary>The message for a device that the kernel says is in use, though nothing of it is mounted in this namespace.</summary>
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
    /// The processes that have the device mounted or open, a few of them. None for a device in use: the kernel is still writing back what
    /// was mounted, for a process of another mount namespace (a container's start copies all mounts) that let go of it last.
    /// </summary>
    public static IReadOnlyList<string> Find(string loop)
    {
        List<string> users = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int pid) || pid == Environment.ProcessId)
                continue;
            if (Uses(pid, loop) is { } how)
                users.Add($"{Name(directory)} (process {pid}, {how})");
            if (users.Count == NamedLimit)
                break;
        }

        return users;
    }

    /// <summary>Mounts of a device: by device number, and by source for file systems with numbers of their own (btrfs).</summary>
    public static IReadOnlyList<MountEntry> MountsOf(MountTable table, string link, string loop)
    {
        DeviceNumber? number = LoopDevices.Number(loop);
        return [.. table.Entries.Where(e => e.Device == number || e.Source == loop || e.Source == link)];
    }

    private static string? Uses(int pid, string loop)
    {
        try
        {
            if (MountsOf(MountTable.Read(pid), loop, loop).Count > 0)
                return "has it mounted";
            foreach (string descriptor in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
                if (new FileInfo(descriptor).LinkTarget == loop)
                    return "has it open";
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // The process ended meanwhile.
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
