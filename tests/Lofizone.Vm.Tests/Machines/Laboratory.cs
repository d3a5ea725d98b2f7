using System.Globalization;
using System.Security.Cryptography;
using Lofizone.Nfs;
using Lofizone.Testing;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>
/// Three machines: a kernel NFS server with an ext4, an xfs and a btrfs export, and two hosts, each with a cable of its own to it,
/// the exports mounted by the kernel below /mnt, and the zone binary. Started once for all tests.
/// </summary>
public sealed class Laboratory : IAsyncLifetime
{
    /// <summary>Lease and grace period of the server: the least that knfsd takes.</summary>
    public const int LeaseSeconds = 10;

    private const int ServerMebibytes = 512;
    private const int HostMebibytes = 448;
    private const string BetaAddress = "10.9.2.2";
    private const string DataDiskSize = "2G";
    private static readonly string[] _exports = ["ext4", "xfs", "btrfs"];
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(250);

    // Named as scripts/clean-leftovers expects it.
    private readonly string _directory = Directory.CreateTempSubdirectory(
        string.Create(CultureInfo.InvariantCulture, $"lofizone-vm-{Environment.ProcessId}-")).FullName;

    internal VirtualMachine Server { get; private set; } = null!;

    internal VirtualMachine Alpha { get; private set; } = null!;

    internal VirtualMachine Beta { get; private set; } = null!;

    /// <summary>Kernel release of the machines.</summary>
    public string Kernel { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string image = Environment.GetEnvironmentVariable("VM_IMAGE") is { Length: > 0 } made ? made
            : throw new InvalidOperationException("VM_IMAGE names no image: run these tests with scripts/test-vm");
        VmDisk tools = await MakeToolsAsync();
        VmDisk[] data = [.. _exports.Select(name => new VmDisk(Path.Combine(_directory, name + ".data"), IsReadOnly: false))];
        foreach (VmDisk disk in data)
            await TestProgram.RunAsync("truncate", "-s", DataDiskSize, disk.File);
        Server = new VirtualMachine(
            new VmDefinition("server", ServerMebibytes, [new("10.9.1.1/24", "sa", "as"), new("10.9.2.1/24", "sb", "bs")], [tools, .. data], ForwardsNfs: true),
            _directory,
            image);
        Alpha = new VirtualMachine(new VmDefinition("alpha", HostMebibytes, [new("10.9.1.2/24", "as", "sa")], [tools], ForwardsNfs: false), _directory, image);
        Beta = new VirtualMachine(new VmDefinition("beta", HostMebibytes, [new($"{BetaAddress}/24", "bs", "sb")], [tools], ForwardsNfs: false), _directory, image);
        await Task.WhenAll(StartServerAsync(), Alpha.StartAsync(), Beta.StartAsync());
        Kernel = await Alpha.CheckedAsync("uname -r");
        await Task.WhenAll(MountAsync(Alpha), MountAsync(Beta));
    }

    /// <summary>Boots the server and starts its NFS service, for the first time or after a power cut.</summary>
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

    /// <summary>From now on alpha reaches beta, through the server, and root of alpha may log in to beta by ssh.</summary>
    internal async Task JoinHostsAsync()
    {
        await Server.CheckedAsync("echo 1 >/proc/sys/net/ipv4/ip_forward");
        await Beta.CheckedAsync($"ip route replace 10.9.1.0/24 via {ServerOf(Beta)}");
        await Alpha.CheckedAsync(
            $"ip route replace 10.9.2.0/24 via {ServerOf(Alpha)}; install -m 600 /opt/id /root/.ssh/id_ed25519; "
            + $"printf 'Host beta\n HostName {BetaAddress}\n StrictHostKeyChecking accept-new\n' >/root/.ssh/config; chmod 600 /root/.ssh/config");
    }

    /// <summary>Starts the NFS service of a server that has booted.</summary>
    internal Task<string> ServeAsync() => Server.CheckedAsync(string.Create(CultureInfo.InvariantCulture, $"serve {LeaseSeconds}"));

    /// <summary>A client in this process; to the server it comes from a port below 1024.</summary>
    internal Task<NfsClient> ConnectAsync() => NfsClient.ConnectAsync(new NfsClientOptions
    {
        Server = "127.0.0.1",
        Port = Server.NfsPort,
        ClientOwner = RandomNumberGenerator.GetBytes(16),
        MachineName = "testhost",
    });

    /// <summary>Address of the server as a host sees it.</summary>
    internal static string ServerOf(VirtualMachine host) => host.Name == "alpha" ? "10.9.1.1" : "10.9.2.1";

    /// <summary>Number of the server's link to a host.</summary>
    internal static int LinkTo(VirtualMachine host) => host.Name == "alpha" ? 1 : 2;

    /// <summary>Polls until something holds.</summary>
    public static async Task WaitAsync(Func<Task<bool>> holds, TimeSpan limit, string otherwise)
    {
        using CancellationTokenSource end = new(limit);
        while (!await holds())
        {
            if (end.IsCancellationRequested)
                Assert.Fail($"{otherwise} within {limit.TotalSeconds:0} s");
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

    private static async Task MountAsync(VirtualMachine host)
    {
        foreach (string name in _exports)
            await host.CheckedAsync($"mkdir -p /mnt/{name} && mount -t nfs4 -o vers=4.2,hard {ServerOf(host)}:/srv/{name} /mnt/{name}");
    }

    /// <summary>What the machines get of this project: the guests' scripts, the zone binary and its names, and the key to their SSH.</summary>
    private async Task<VmDisk> MakeToolsAsync()
    {
        string key = Path.Combine(_directory, "id");
        await TestProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        string tools = Directory.CreateDirectory(Path.Combine(_directory, "tools")).FullName;
        File.Copy(key, Path.Combine(tools, "id"));
        File.Copy(key + ".pub", Path.Combine(tools, "authorized_keys"));
        string[] programs = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "guest")), Testing.Hosts.TestHost.ZoneBinary];
        foreach (string program in programs)
        {
            string copy = Path.Combine(tools, Path.GetFileName(program));
            File.Copy(program, copy);
            File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        }
        foreach (string name in new[] { "lofiadm", "mkfile", "newfs", "zoneadm" })
            File.CreateSymbolicLink(Path.Combine(tools, name), "zone");
        string disk = Path.Combine(_directory, "tools.img");
        await TestProgram.RunAsync("truncate", "-s", "64M", disk);
        await TestProgram.RunAsync("mke2fs", "-q", "-t", "ext4", "-L", "tools", "-O", "^has_journal", "-E", "root_owner=0:0", "-d", tools, disk);
        return new VmDisk(disk, IsReadOnly: true);
    }
}
