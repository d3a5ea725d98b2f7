namespace Lofizone.Runtime.Oci;

/// <summary>
/// System calls that a zone can't make, as a deny list. A zone runs a whole distribution, and its init needs mount, unshare and the like.
/// Of the calls that Docker's default profile denies, this list allows pivot_root and new user namespaces. The user namespace takes away
/// most power. This list takes away kernel surface that namespaces do not cover.
/// </summary>
internal static class ZoneSeccomp
{
    private const int PermissionDenied = 1;
    private const int NotImplemented = 38;
    private const ulong SimulateInput = 0x5412;
    private const ulong LinuxConsole = 0x541c;
    private const ulong CommandMask = 0xffff_ffff;
    private const ulong CryptoFamily = 38;
    private const ulong VsockFamily = 40;

    /// <summary>Highest bit of personality(2)'s value. No flag has the bit; the value 0xffffffff, which only asks, has it.</summary>
    private const ulong HighestBit = 0x8000_0000;

    /// <summary>
    /// Flags of personality(2), linux/personality.h, that weaken the protection of memory (no randomized addresses, page zero, executable
    /// data), or change how old programs see addresses and time. PER_LINUX32 and UNAME26 stay allowed.
    /// </summary>
    private static readonly ulong[] _weakening =
        [0x0040000, 0x0080000, 0x0100000, 0x0200000, 0x0400000, 0x0800000, 0x1000000, 0x2000000, 0x4000000, 0x8000000];

    public static OciSeccomp Profile { get; } = new(
        "SCMP_ACT_ALLOW",
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
            : ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        [
            // The running kernel is the host's. A zone must not load another kernel or modules.
            Deny(
                "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "get_kernel_syms",
                "query_module"),
            // The kernel's log tells of the host's devices, servers and addresses. Whether unprivileged users may read the log is a setting
            // of the host.
            Deny("syslog"),
            // These calls move pages of memory between the host's nodes, and tell the pages' places.
            Deny("move_pages", "migrate_pages"),
            // These calls were replaced long ago and are little maintained; some do nothing any more.
            Refuse("_sysctl", "sysfs", "ustat", "uselib", "bdflush", "vserver"),
            // open_by_handle_at opens files by inode number, past every directory's permissions and outside of the zone's root.
            Deny("open_by_handle_at"),
            // These calls measure or rewrite the running kernel, and are a steady source of privilege escalations.
            Deny("perf_event_open", "bpf", "lookup_dcookie"),
            // userfaultfd stops the kernel in the middle of a copy from user memory, which many exploits use to win races.
            Refuse("userfaultfd"),
            // Keyrings belong to user IDs of the host and have seen several escalations. Init systems work without keyrings.
            Deny("add_key", "keyctl", "request_key"),
            // io_uring is a second way into nearly every call, past filters on the first. Programs fall back as on an older kernel.
            Refuse("io_uring_setup", "io_uring_enter", "io_uring_register"),
            // Hardware, swap, accounting and the clock belong to the global zone.
            Deny("iopl", "ioperm", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday", "clock_settime",
                "clock_settime64", "stime", "nfsservctl", "vm86", "vm86old", "pciconfig_read", "pciconfig_write", "pciconfig_iobase"),
            // A program in the zone that was handed the host's terminal must not type into that terminal.
            Argument("ioctl", 1, CommandMask, SimulateInput),
            Argument("ioctl", 1, CommandMask, LinuxConsole),
            // Sockets to the hypervisor ignore network namespaces. Sockets to the kernel's ciphers are surface that no zone needs.
            Argument("socket", 0, CommandMask, VsockFamily),
            Argument("socket", 0, CommandMask, CryptoFamily),
            .. _weakening.Select(f => Argument("personality", 0, HighestBit | f, f)),
        ]);

    private static OciSyscallRule Deny(params string[] names) => new(names, "SCMP_ACT_ERRNO", PermissionDenied);

    private static OciSyscallRule Refuse(params string[] names) => new(names, "SCMP_ACT_ERRNO", NotImplemented);

    // The kernel looks only at 32 bits of the command, so a zone could evade a comparison of 64 bits.
    private static OciSyscallRule Argument(string name, uint index, ulong mask, ulong value) =>
        new([name], "SCMP_ACT_ERRNO", PermissionDenied, [new(index, mask, value, "SCMP_CMP_MASKED_EQ")]);
}
