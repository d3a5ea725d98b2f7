namespace Lofizone.Vm.Tests.Machines;

/// <summary>
/// Two machines: a kernel NFS server, and a host as users have it, with systemd, SSH, a user with sudo(8), the kernel's NFS client and this
/// project's package. All tests of that host share the machines. The first test that needs a zone makes and boots it.
/// </summary>
public sealed class HostLaboratory : IAsyncLifetime
{
    /// <summary>Zone whose blocks the kernel's NFS client carries.</summary>
    public const string KernelZone = "web";

    /// <summary>Zone whose blocks our own client carries.</summary>
    public const string UserZone = "tea";

    /// <summary>A user who may use sudo(8).</summary>
    public const string Sudoer = "alice";

    private const int ServerMebibytes = 512;
    private const int HostMebibytes = 1024;

    // scripts/clean-leftovers expects this name.
    private readonly string _directory = Directory.CreateTempSubdirectory(
        $"lofizone-vm-{Environment.ProcessId}-").FullName;

    /// <summary>Limit for a zone with systemd in a machine without KVM.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(15);

    internal VirtualMachine Server { get; private set; } = null!;

    internal VirtualMachine Host { get; private set; } = null!;

    /// <summary>The package that is installed at first, and a newer one.</summary>
    internal static string Package { get; } = "/opt/" + Path.GetFileName(PackageOf("VM_DEB"));

    internal static string NewerPackage { get; } = "/opt/" + Path.GetFileName(PackageOf("VM_NEWER_DEB"));

    public async ValueTask InitializeAsync()
    {
        VmDisk tools = await ToolsDisk.MakeAsync(_directory, PackageOf("VM_DEB"), PackageOf("VM_NEWER_DEB"));
        VmDisk[] data = await Laboratory.MakeDataDisksAsync(_directory);
        VmLink toHost = new("10.9.1.1/24", "sh", "hs"), toServer = new("10.9.1.2/24", "hs", "sh");
        Server = new VirtualMachine(new VmDefinition("server", VmKind.Bare, ServerMebibytes, [toHost], [tools, .. data], ForwardsNfs: false), _directory);
        Host = new VirtualMachine(new VmDefinition("host", VmKind.Host, HostMebibytes, [toServer], [tools], ForwardsNfs: false), _directory);
        await Task.WhenAll(StartServerAsync(), Host.StartAsync());
        await Host.CheckedAsync($"apt-get install -y {Package}", Limit);
    }

    /// <summary>The share that a zone is made on.</summary>
    internal static string ShareOf(string zone) =>
        zone == KernelZone ? "nfs://10.9.1.1/srv/ext4" : "nfs://10.9.1.1/srv/xfs?transport=user";

    /// <summary>A zone's image on the server.</summary>
    internal static string ImageOf(string zone) => $"/srv/{(zone == KernelZone ? "ext4" : "xfs")}/{zone}/root.img";

    /// <summary>A zone's state in <c>zone list</c>; empty when there is no such zone.</summary>
    internal Task<string> StateAsync(string zone) =>
        Host.CheckedAsync($"zoneadm list -c -p | while IFS=: read -r id name state rest; do [ \"$name\" != {zone} ] || echo \"$state\"; done", Limit);

    /// <summary>The zone's line of <c>zone list -v</c>.</summary>
    internal Task<string> LineAsync(string zone) => Host.CheckedAsync($"zone list -v | grep ' {zone} '", Limit);

    /// <summary>Makes the missing zones, boots the zones that are down, and waits until each zone's systemd admits a login.</summary>
    internal async Task HaveRunningAsync(params string[] zones)
    {
        foreach (string zone in zones)
        {
            string state = await StateAsync(zone);
            if (state.Length == 0)
                await SudoAsync($"zone create {zone} '{ShareOf(zone)}' --size 600m --boot");
            else if (state != "running")
                await Host.CheckedAsync($"zone boot {zone}", Limit);
            await InAsync(zone, "systemctl is-system-running --wait || true");
        }
    }

    /// <summary>Output of a command in a zone, as soon as the zone admits a login.</summary>
    internal async Task<string> InAsync(string zone, string script)
    {
        string output = "";
        await Laboratory.WaitAsync(
            async () =>
            {
                Testing.Hosts.CommandResult result = await Host.RunAsync($"zone login {zone} -- /bin/sh -c '{script}'", Limit);
                output = result.Output.TrimEnd('\n');
                return result.Succeeded;
            },
            Limit,
            $"nobody can log in to {zone}");
        return output;
    }

    /// <summary>Output of a command that the user runs with sudo(8), in a session of its own.</summary>
    internal async Task<string> SudoAsync(string command)
    {
        Testing.Hosts.CommandResult result = await Host.LogInAsync(Sudoer, $"sudo {command}", Limit);
        Assert.True(result.Succeeded, result.ToString());
        return result.Output.Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Shuts the host down and starts it again.</summary>
    /// <param name="limit">Limit of the shutdown.</param>
    /// <returns>Time that the shutdown took.</returns>
    internal async Task<TimeSpan> RebootAsync(TimeSpan limit)
    {
        await Host.CheckedAsync("systemctl reboot", Limit);
        TimeSpan took = await Host.WaitUntilOffAsync(limit);
        await Host.StartAsync();
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (VirtualMachine? machine in new[] { Host, Server })
        {
            if (machine is not null)
                await machine.DisposeAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartServerAsync()
    {
        await Server.StartAsync();
        await Laboratory.ServeAsync(Server);
    }

    private static string PackageOf(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } made ? made
        : throw new InvalidOperationException($"{variable} names no package: run these tests with scripts/test-vm");
}
