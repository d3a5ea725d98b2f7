using System.Security.Cryptography;
using Lofizone.Nfs;
using Lofizone.Nfs.Options;
using Lofizone.Testing;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>
/// Three machines: a kernel NFS server with an ext4, an xfs and a btrfs export, and two hosts with the zone binary. Each host has its own
/// cable to the server, and its kernel mounts the exports below /mnt. All tests share the machines.
/// </summary>
public sealed class Laboratory : IAsyncLifetime
{
    /// <summary>Lease and grace period of the server, the shortest that knfsd takes.</summary>
    public const int LeaseSeconds = 10;

    private const int ServerMebibytes = 512;
    private const int HostMebibytes = 448;
    private const string BetaAddress = "10.9.2.2";
    private const string DataDiskSize = "2G";
    private static readonly string[] _exports = ["ext4", "xfs", "btrfs"];
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(250);

    // scripts/clean-leftovers expects this name.
    private readonly string _directory = Directory.CreateTempSubdirectory(
        $"lofizone-vm-{Environment.ProcessId}-").FullName;

    internal VirtualMachine Server { get; private set; } = null!;

    internal VirtualMachine Alpha { get; private set; } = null!;

    internal VirtualMachine Beta { get; private set; } = null!;

    public string Kernel { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        VmDisk tools = await ToolsDisk.MakeAsync(_directory, Testing.Hosts.TestHost.ZoneBinary);
        VmDisk[] data = await MakeDataDisksAsync(_directory);
        Server = new VirtualMachine(
            new VmDefinition("server", VmKind.Bare, ServerMebibytes, [new("10.9.1.1/24", "sa", "as"), new("10.9.2.1/24", "sb", "bs")], [tools, .. data], ForwardsNfs: true),
            _directory);
        Alpha = new VirtualMachine(new VmDefinition("alpha", VmKind.Bare, HostMebibytes, [new("10.9.1.2/24", "as", "sa")], [tools], ForwardsNfs: false), _directory);
        Beta = new VirtualMachine(new VmDefinition("beta", VmKind.Bare, HostMebibytes, [new($"{BetaAddress}/24", "bs", "sb")], [tools], ForwardsNfs: false), _directory);
        await Task.WhenAll(StartServerAsync(), Alpha.StartAsync(), Beta.StartAsync());
        Kernel = await Alpha.CheckedAsync("uname -r");
        await Task.WhenAll(MountAsync(Alpha), MountAsync(Beta));
    }

    /// <summary>Boots the server and starts its NFS service.</summary>
    internal async Task StartServerAsync()
    {
        await Server.StartAsync();
        await ServeAsync();
    }

    /// <summary>Boots a host again after a power cut, with its mounts below /mnt.</summary>
    internal async Task StartHostAsync(VirtualMachine host)
    {
        await host.StartAsync();
        await MountAsync(host);
    }

    /// <summary>Connects alpha to beta through the server. From then on root of alpha may log in to beta by ssh.</summary>
    internal async Task JoinHostsAsync()
    {
        await Server.CheckedAsync("echo 1 >/proc/sys/net/ipv4/ip_forward");
        await Beta.CheckedAsync($"ip route replace 10.9.1.0/24 via {ServerOf(Beta)}");
        await Alpha.CheckedAsync(
            $"ip route replace 10.9.2.0/24 via {ServerOf(Alpha)}; install -m 600 /opt/id /root/.ssh/id_ed25519; "
            + $"printf 'Host beta\n HostName {BetaAddress}\n StrictHostKeyChecking accept-new\n' >/root/.ssh/config; chmod 600 /root/.ssh/config");
    }

    /// <summary>Starts the NFS service of a server that is up.</summary>
    internal Task<string> ServeAsync() => ServeAsync(Server);

    /// <inheritdoc cref="ServeAsync()"/>
    internal static Task<string> ServeAsync(VirtualMachine server) => server.CheckedAsync($"serve {LeaseSeconds}");

    /// <summary>A client in this process. The server sees a source port below 1024.</summary>
    internal Task<NfsClient> ConnectAsync() => NfsClient.ConnectAsync(new NfsClientOptions
    {
        Server = "127.0.0.1",
        Port = Server.NfsPort,
        ClientOwner = RandomNumberGenerator.GetBytes(16),
        MachineName = "testhost",
    });

    /// <summary>The server's address for a host.</summary>
    internal static string ServerOf(VirtualMachine host) => host.Name == "alpha" ? "10.9.1.1" : "10.9.2.1";

    /// <summary>Number of the server's link to a host.</summary>
    internal static int LinkTo(VirtualMachine host) => host.Name == "alpha" ? 1 : 2;

    public static async Task WaitAsync(Func<Task<bool>> holds, TimeSpan limit, string otherwise)
    {
        using CancellationTokenSource end = new(limit);
        while (!await holds())
        {
            if (end.IsCancellationRequested)
                Assert.Fail($"{otherwise} within {limit.TotalSeconds:0} s");
            // The condition is the state of another machine.
            await Task.Delay(_poll, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (VirtualMachine? machine in new[] { Alpha, Beta, Server })
        {
            if (machine is not null)
                await machine.DisposeAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Empty disks for the server's exports.</summary>
    internal static async Task<VmDisk[]> MakeDataDisksAsync(string directory)
    {
        VmDisk[] data = [.. _exports.Select(name => new VmDisk(Path.Combine(directory, name + ".data"), IsReadOnly: false))];
        foreach (VmDisk disk in data)
            await TestProgram.RunAsync("truncate", "-s", DataDiskSize, disk.File);
        return data;
    }

    private static async Task MountAsync(VirtualMachine host)
    {
        foreach (string name in _exports)
            await host.CheckedAsync($"mkdir -p /mnt/{name} && mount -t nfs4 -o vers=4.2,hard {ServerOf(host)}:/srv/{name} /mnt/{name}");
    }
}
