namespace Lofizone.Runtime.Oci;

/// <summary>
/// System calls that a zone can't make. A deny list: a zone runs a whole distribution, and mount, unshare and the like are
/// what its init lives on: of what Docker's default profile denies, pivot_root and new user namespaces are allowed here. The user namespace
/// takes most power away; this takes away kernel surface that namespaces don't cover.
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

    /// <summary>personality(2) with this value only asks; no flag has the highest bit.</summary>
    private const ulong HighestBit = 0x8000_0000;

    /// <summary>
    /// Flags of personality(2), linux/personality.h, that take protection from memory (no randomized addresses, page zero, data that can be
    /// executed) or change how old programs see addresses and time. PER_LINUX32 and UNAME26 stay allowed.
    /// </summary>
    private static readonly ulong[] _weakening =
        [0x0040000, 0x0080000, 0x0100000, 0x0200000, 0x0400000, 0x0800000, 0x1000000, 0x2000000, 0x4000000, 0x8000000];

    public static OciSeccomp Profile { get; } = new(
        "SCMP_ACT_ALLOW",
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
            : ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        [
            // The kernel that runs is the host's: loading another one or modules into it is not a zone's business.
            Deny(
                "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "get_kernel_syms",
                "query_module"),
            // The kernel's log tells of the host's devices, servers and addresses; whether anybody may read it is a setting of the host.
            Deny("syslog"),
            // Moves pages of memory between the host's nodes, and tells where they lie.
            Deny("move_pages", "migrate_pages"),
            // Long replaced, and little looked after; some do nothing any more.
            Refuse("_sysctl", "sysfs", "ustat", "uselib", "bdflush", "vserver"),
            // Opens files by inode number, past every directory's permissions and out of the zone's root.
            Deny("open_by_handle_at"),
            // Measure or rewrite the kernel at work; a steady source of privilege escalations.
            Deny("perf_event_open", "bpf", "lookup_dcookie"),
            // Holds the kernel still in the middle of a copy from user memory: the usual helper of races in exploits.
            Refuse("userfaultfd"),
            // Keyrings belong to user IDs of the host and have seen several escalations; init systems do without.
            Deny("add_key", "keyctl", "request_key"),
            // A second way into nearly every call, past filters on the first; programs fall back as on an older kernel.
            Refuse("io_uring_setup", "io_uring_enter", "io_uring_register"),
            // Hardware, swap, accounting and the clock are the global zone's.
            Deny("iopl", "ioperm", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday", "clock_settime",
                "clock_settime64", "stime", "nfsservctl", "vm86", "vm86old", "pciconfig_read", "pciconfig_write", "pciconfig_iobase"),
            // A program in the zone that was handed the host's terminal must not type into it.
            Argument("ioctl", 1, CommandMask, SimulateInput),
            Argument("ioctl", 1, CommandMask, LinuxConsole),
            // Sockets to the hypervisor know no network namespace; those to the kernel's ciphers are surface that nothing in a zone needs.
            Argument("socket", 0, CommandMask, VsockFamily),
            Argument("socket", 0, CommandMask, CryptoFamily),
            .. _weakening.Select(f => Argument("personality", 0, HighestBit | f, f)),
        ]);

    private static OciSyscallRule Deny(params string[] names) => new(names, "SCMP_ACT_ERRNO", PermissionDenied);

    private static OciSyscallRule Refuse(params string[] names) => new(names, "SCMP_ACT_ERRNO", NotImplemented);

    // The kernel looks at 32 bits of the command only; a comparison of 64 could be dodged.
    private static OciSyscallRule Argument(string name, uint index, ulong mask, ulong value) =>
        new([name], "SCMP_ACT_ERRNO", PermissionDenied, [new(index, mask, value, "SCMP_CMP_MASKED_EQ")]);
}
