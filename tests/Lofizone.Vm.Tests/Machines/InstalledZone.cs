using Lofizone.Testing.Hosts;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>
/// The zone <c>web</c> on the server's ext4 export, over the kernel's NFS client on both hosts. Alpha has installed it. Its root holds
/// Debian's essential packages, and its init is busybox's. Such a zone is installed and booted in seconds without KVM.
/// </summary>
public sealed class InstalledZone(Laboratory lab) : IAsyncLifetime
{
    public const string Name = "web";

    /// <summary>The image on the server.</summary>
    public const string Image = "/srv/ext4/web/root.img";

    /// <summary>The zone's root on the hosts.</summary>
    public const string Root = "/zones/web/root";

    private static readonly TimeSpan _installLimit = TimeSpan.FromMinutes(4);

    public async ValueTask InitializeAsync() => await lab.Alpha.CheckedAsync($"zone create {Name} {ShareOf(lab.Alpha)} --size 300m", _installLimit);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Moves the halted zone from beta back to alpha, for the next test.</summary>
    internal async Task GiveBackAsync()
    {
        await lab.Beta.CheckedAsync($"zone detach {Name}");
        await AssertNothingLeftAsync(lab.Beta);
        await lab.Alpha.CheckedAsync($"zone attach {Name}");
        Assert.Equal("installed", await StateAsync(lab.Alpha));
    }

    /// <summary>The share's URI on a host.</summary>
    internal static string ShareOf(VirtualMachine host) => $"nfs://{Laboratory.ServerOf(host)}/srv/ext4";

    /// <summary>State of the zone on a host; empty when the host has no such zone.</summary>
    internal static Task<string> StateAsync(VirtualMachine host) =>
        host.CheckedAsync($"zoneadm list -c -p | while IFS=: read -r id name state rest; do [ \"$name\" != {Name} ] || echo \"$state\"; done");

    /// <summary>Output of a command in the zone, as soon as the zone admits a login.</summary>
    internal static async Task<string> InAsync(VirtualMachine host, string script)
    {
        CommandResult? result = null;
        await Laboratory.WaitAsync(
            async () => (result = await host.RunAsync($"zone login {Name} -- /bin/sh -c '{script}'")).Succeeded, TestHost.CommandLimit, $"{host.Name}: nobody can log in to {Name}");
        return result!.Output.TrimEnd('\n');
    }

    /// <summary>The host's kernel has nothing left of the zone.</summary>
    internal static async Task AssertNothingLeftAsync(VirtualMachine host)
    {
        Assert.Equal("", await host.CheckedAsync("losetup -n -O NAME,BACK-FILE"));
        Assert.Equal("", await host.CheckedAsync($"grep -E ' (/zones/|/run/lofizone/)' /proc/mounts || true"));
        Assert.Equal("", await host.CheckedAsync("pgrep -l 'conmon|crun' || true"));
    }
}
