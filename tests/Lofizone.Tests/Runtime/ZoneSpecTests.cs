using System.Text.Json;
using System.Text.Json.Nodes;
using Lofizone.Hosts;
using Lofizone.Network;
using Lofizone.Runtime;
using Lofizone.Runtime.Oci;

namespace Lofizone.Tests.Runtime;

public sealed class ZoneSpecTests
{
    private static readonly ZoneLaunch _launch = new() { Name = "web", RootDirectory = "/zones/web/root", UidBase = 0x40010000, ConsoleLog = "/var/log/web" };

    private static JsonNode Document => JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(ZoneSpec.Build(_launch, "/r", "/lofizone/web", new ZoneNamespaceFiles("/u", "/n"), new ZoneLimits(4096, 100, 500)), OciJson.Default.OciSpec))!;

    [Fact]
    public void A_zone_has_namespaces_of_every_kind_and_shifted_ids()
    {
        JsonNode linux = Document["linux"]!;
        Assert.Equal(["cgroup", "ipc", "mount", "network", "pid", "user", "uts"], linux["namespaces"]!.AsArray().Select(n => (string)n!["type"]!).Order());
        Assert.Equal(0x40010000u, (uint)linux["uidMappings"]![0]!["hostID"]!);
        Assert.Equal(65536u, (uint)linux["gidMappings"]![0]!["size"]!);
    }

    [Fact]
    public void The_environment_of_init_is_ours_alone() =>
        Assert.Equal(["container", "HOME", "PATH", "TERM"], Document["process"]!["env"]!.AsArray().Select(e => ((string)e!).Split('=')[0]));

    [Fact]
    public void Modules_other_kernels_and_file_handles_are_out_of_reach()
    {
        string[] denied = [.. Document["linux"]!["seccomp"]!["syscalls"]!.AsArray().SelectMany(r => r!["names"]!.AsArray()).Select(n => (string)n!)];
        Assert.All(["kexec_load", "init_module", "finit_module", "open_by_handle_at", "bpf", "keyctl", "syslog"], (string name) => Assert.Contains(name, denied));
        Assert.DoesNotContain("mount", denied);
    }

    [Fact]
    public void Backing_files_of_the_hosts_devices_are_masked_where_the_mask_is_locked()
    {
        Assert.Contains("devices/virtual/block", ZoneView.Masked);
        Assert.DoesNotContain(Document["mounts"]!.AsArray(), m => (string)m!["destination"]! == "/sys");
    }

    [Fact]
    public void Settings_of_the_network_alone_can_be_written()
    {
        string[] fixedPaths = [.. Document["linux"]!["readonlyPaths"]!.AsArray().Select(p => (string)p!)];
        Assert.All(["/proc/sys/kernel", "/proc/sys/vm", "/proc/sys/fs"], (string path) => Assert.Contains(path, fixedPaths));
        Assert.DoesNotContain("/proc/sys/net", fixedPaths);
        Assert.DoesNotContain("/proc/sys", fixedPaths);
    }

    [Theory]
    [InlineData(4_194_304, 190_000, ProcessLimit.Most)]
    [InlineData(32_768, 190_000, 4915)]
    [InlineData(32_768, 7_800, 1170)]
    [InlineData(2, 2, 1)]
    public void A_zone_gets_a_part_of_the_hosts_processes(long numbers, long threads, long limit)
    {
        Assert.Equal(limit, ProcessLimit.Of(numbers, threads));
        Assert.Equal(100, (long)Document["linux"]!["resources"]!["pids"]!["limit"]!);
    }

    [Fact]
    public void Arguments_of_system_calls_are_compared_as_the_kernel_reads_them() =>
        Assert.All(
            Document["linux"]!["seccomp"]!["syscalls"]!.AsArray().Where(r => r!["args"] is not null).SelectMany(r => r!["args"]!.AsArray()),
            a => Assert.True((string)a!["op"]! == "SCMP_CMP_MASKED_EQ" && (ulong)a["value"]! <= uint.MaxValue));

    [Theory]
    [InlineData(129, ExitKind.Rebooted)]
    [InlineData(130, ExitKind.Halted)]
    [InlineData(137, ExitKind.Killed)]
    [InlineData(3, ExitKind.Exited)]
    public void Exit_codes_tell_how_a_zone_ended(int code, ExitKind kind) => Assert.Equal(kind, ZoneExit.FromCode(code).Kind);

    [Fact]
    public void Names_of_host_interfaces_fit_the_kernel_and_differ()
    {
        HostPaths machine = new("/");
        HostPaths other = new("/tmp/x");
        string longest = ZoneNetwork.HostInterface(machine, new string('z', 63), ZoneNetwork.InterfaceLimit - 1);
        Assert.True(longest.Length <= 15);
        Assert.NotEqual(ZoneNetwork.HostInterface(machine, "a", 0), ZoneNetwork.HostInterface(other, "a", 0));
        Assert.NotEqual(ZoneNetwork.HostInterface(machine, "a", 0), ZoneNetwork.HostInterface(machine, "b", 0));
    }

    [Theory]
    [InlineData("/usr/lib/systemd/systemd", InitKind.Systemd)]
    [InlineData("/bin/busybox", InitKind.BusyBox)]
    [InlineData("/usr/sbin/init", InitKind.SysV)]
    [InlineData(null, InitKind.Other)]
    internal void Init_programs_are_told_apart(string? program, InitKind kind) => Assert.Equal(kind, InitKinds.Of(program));
}
