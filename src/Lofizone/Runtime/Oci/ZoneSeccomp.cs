namespace Lofizone.Runtime.Oci;

/// <summary>
/// System calls that a zone can't make. A deny list: a zone runs a whole distribution, and mount, unshare and the like are
/// what its init lives on. The user namespace takes most power away; this takes away kernel surface that namespaces don't cover.
/// </summary>
internal static class ZoneSeccomp
{
    private const int PermissionDenied = 1;
    private const int NotImplemented = 38;
    private const ulong SimulateInput = 0x5412;
    private const ulong LinuxConsole = 0x541c;
    private const ulong CommandMask = 0xffff_ffff;
    private const ulong VsockFamily = 40;

    public static OciSeccomp Profile { get; } = new(
        "SCMP_ACT_ALLOW",
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
            : ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        [
            // The kernel that runs is the host's: loading another one or modules into it is not a zone's business.
            Deny("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
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
            Deny("iopl", "ioperm", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday", "clock_settime", "clock_settime64", "nfsservctl", "uselib", "vm86", "vm86old"),
            // A program in the zone that was handed the host's terminal must not type into it.
            Argument("ioctl", 1, CommandMask, SimulateInput),
            Argument("ioctl", 1, CommandMask, LinuxConsole),
            // Sockets to the hypervisor know no network namespace.
            new(["socket"], "SCMP_ACT_ERRNO", PermissionDenied, [new(0, VsockFamily, null, "SCMP_CMP_EQ")]),
        ]);

    private static OciSyscallRule Deny(params string[] names) => new(names, "SCMP_ACT_ERRNO", PermissionDenied);

    private static OciSyscallRule Refuse(params string[] names) => new(names, "SCMP_ACT_ERRNO", NotImplemented);

    // The kernel looks at 32 bits of the command only; a comparison of 64 could be dodged.
    private static OciSyscallRule Argument(string name, uint index, ulong mask, ulong value) =>
        new([name], "SCMP_ACT_ERRNO", PermissionDenied, [new(index, mask, value, "SCMP_CMP_MASKED_EQ")]);
}
