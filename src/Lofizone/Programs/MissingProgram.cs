namespace Lofizone.Programs;

/// <summary>Names the Debian package of each program, so that a missing program can be installed with one command.</summary>
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
        ["unshare"] = "util-linux",
        ["busybox"] = "busybox-static",
        ["dpkg"] = "dpkg",
        ["ldconfig"] = "libc-bin",
        ["systemd-run"] = "systemd",
        ["ssh"] = "openssh-client",
    };

    /// <summary>The Debian packages by program.</summary>
    public static IReadOnlyDictionary<string, string> Packages => _packages;

    /// <summary>Checks that a host has all of these programs.</summary>
    /// <exception cref="LofizoneException">
    /// Some programs are missing. The message names them and the one command that installs them.
    /// </exception>
    public static void Require(IProgramRunner programs, params IEnumerable<string> needed)
    {
        string[] missing = [.. needed.Distinct(StringComparer.Ordinal).Where(p => programs.Find(p) is null)];
        if (missing.FirstOrDefault(p => missing.Length == 1 || ProgramDirectories.Refusal(p) is not null) is { } one)
            throw Error(one);
        if (missing.Length == 0)
            return;
        string[] packages =
        [
            .. missing.Where(_packages.ContainsKey).Select(p => _packages[p]).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
        ];
        throw new LofizoneException(
            $"{string.Join(", ", missing)}: programs not found",
            $"install them: apt-get install {string.Join(' ', packages)}; they are looked for in {ProgramDirectories.SearchPath}");
    }

    public static LofizoneException Error(string program) => ProgramDirectories.Refusal(program) is { } refusal
        ? new LofizoneException(
            $"{program}: {refusal}", "only root may be able to change the program: see its owner and mode, and those of its directories")
        : NotFound(program);

    private static LofizoneException NotFound(string program) => _packages.TryGetValue(program, out string? package)
        ? new LofizoneException(
            $"{program}: program not found", $"install it: apt-get install {package}; it is looked for in {ProgramDirectories.SearchPath}")
        : new LofizoneException(
            $"{program}: program not found", $"it is looked for in {ProgramDirectories.SearchPath}; name another by its path");
}
