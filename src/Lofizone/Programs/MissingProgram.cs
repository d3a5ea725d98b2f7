namespace Lofizone.Programs;

/// <summary>Names the Debian package that brings a program, so that a missing one is mended with one command.</summary>
public static class MissingProgram
{
    private static readonly Dictionary<string, string> _packages = new(StringComparer.Ordinal)
    {
        ["crun"] = "crun",
        ["conmon"] = "conmon",
        ["ip"] = "iproute2",
        ["mkfs.ext4"] = "e2fsprogs",
        ["e2fsck"] = "e2fsprogs",
        ["dumpe2fs"] = "e2fsprogs",
        ["resize2fs"] = "e2fsprogs",
        ["mkfs.xfs"] = "xfsprogs",
        ["xfs_repair"] = "xfsprogs",
        ["mkfs.btrfs"] = "btrfs-progs",
        ["btrfs"] = "btrfs-progs",
        ["blkid"] = "util-linux",
        ["setsid"] = "util-linux",
        ["nsenter"] = "util-linux",
        ["busybox"] = "busybox-static",
        ["dpkg"] = "dpkg",
        ["ldconfig"] = "libc-bin",
        ["systemd-run"] = "systemd",
        ["ssh"] = "openssh-client",
    };

    public static LofizoneException Error(string program) => ProgramDirectories.Refusal(program) is { } refusal
        ? new LofizoneException($"{program}: {refusal}", "only root may be able to change the program: see its owner and mode, and those of its directories")
        : NotFound(program);

    private static LofizoneException NotFound(string program) => _packages.TryGetValue(program, out string? package)
        ? new LofizoneException($"{program}: program not found", $"install it: apt-get install {package}; it is looked for in {ProgramDirectories.SearchPath}")
        : new LofizoneException($"{program}: program not found", $"it is looked for in {ProgramDirectories.SearchPath}; name another by its path");
}
