using System.Text.Json;
using System.Text.Json.Nodes;
using Lofizone.Hosts;
using Lofizone.Network;
using Lofizone.Runtime;
using Lofizone.Runtime.Oci;

namespace Lofizone.Tests;

public sealed class RuntimeSpecTests
{
    private static readonly ZoneLaunch _launch = new() { Name = "web", RootDirectory = "/zones/web/root", UidBase = 0x40010000, ConsoleLog = "/var/log/web" };

    private static JsonNode Document => JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(ZoneSpec.Build(_launch, "/r", "/lofizone/web", 4096), OciJson.Default.OciSpec))!;

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
        Assert.All(["kexec_load", "init_module", "finit_module", "open_by_handle_at", "bpf", "keyctl"], (string name) => Assert.Contains(name, denied));
        Assert.DoesNotContain("mount", denied);
    }

    [Fact]
    public void Backing_files_of_the_hosts_devices_are_masked() =>
        Assert.Contains("/sys/devices/virtual/block", Document["linux"]!["maskedPaths"]!.AsArray().Select(p => (string)p!));

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
    internal void Init_programs_are_told_apart(string? program, InitKind kind) => Assert.Equal(kind, ZoneShutdown.KindOf(program));
}
