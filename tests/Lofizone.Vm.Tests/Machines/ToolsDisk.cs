using Lofizone.Testing;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>The read-only disk with this project's files that all machines of a laboratory share.</summary>
internal static class ToolsDisk
{
    private const string Size = "128M";

    private static readonly string[] _names = ["lofiadm", "mkfile", "newfs", "zoneadm"];

    /// <summary>Makes the disk of the guests' scripts, the SSH key, other files, and the zone binary with its other names.</summary>
    public static async Task<VmDisk> MakeAsync(string directory, params string[] files)
    {
        string key = Path.Combine(directory, "id");
        await TestProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        string tools = Directory.CreateDirectory(Path.Combine(directory, "tools")).FullName;
        File.Copy(key, Path.Combine(tools, "id"));
        File.Copy(key + ".pub", Path.Combine(tools, "authorized_keys"));
        foreach (string file in (string[])[.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "guest")), .. files])
        {
            string copy = Path.Combine(tools, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        }
        if (File.Exists(Path.Combine(tools, "zone")))
        {
            foreach (string name in _names)
                File.CreateSymbolicLink(Path.Combine(tools, name), "zone");
        }
        string disk = Path.Combine(directory, "tools.img");
        await TestProgram.RunAsync("truncate", "-s", Size, disk);
        await TestProgram.RunAsync("mke2fs", "-q", "-t", "ext4", "-L", "tools", "-O", "^has_journal", "-E", "root_owner=0:0", "-d", tools, disk);
        return new VmDisk(disk, IsReadOnly: true);
    }
}
