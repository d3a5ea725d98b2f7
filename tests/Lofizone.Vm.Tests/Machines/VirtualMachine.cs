using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lofizone.Testing.Hosts;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>
/// A machine, which is one QEMU process without KVM. scripts/clean-leftovers finds the process of a killed test run by the laboratory's
/// directory in its arguments.
/// </summary>
internal sealed class VirtualMachine(VmDefinition definition, string directory) : IAsyncDisposable
{
    private const int SshPort = 22;
    private const int NfsGuestPort = 2049;

    /// <summary>Longer limits of systemd: a boot on a busy machine takes minutes.</summary>
    private const string HostWords = "net.ifnames=0 systemd.default_device_timeout_sec=900 systemd.default_timeout_start_sec=900";

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);

    private readonly int _sshPort = FreePort();
    private Process? _process;
    private QmpConnection? _qmp;
    private SshMaster? _ssh;

    private readonly string _image = ImageOf(definition.Kind);

    public string Name => definition.Name;

    /// <summary>Port of 127.0.0.1 that leads to the machine's NFS server.</summary>
    public int NfsPort { get; } = definition.ForwardsNfs ? FreePort() : 0;

    private TimeSpan BootLimit => TimeSpan.FromMinutes(definition.Kind == VmKind.Bare ? 3 : 15);

    private string Console => Path.Combine(directory, Name + ".console");

    private string RootDisk => Path.Combine(directory, Name + ".qcow2");

    /// <summary>Boots the machine with its disks as they are, also after <see cref="CutPowerAsync"/>.</summary>
    public async Task StartAsync()
    {
        foreach (VmLink link in definition.Links)
            File.Delete(Path.Combine(directory, link.Local));
        File.Delete(Console);
        if (!File.Exists(RootDisk))
            await Testing.TestProgram.RunAsync("qemu-img", "create", "-q", "-f", "qcow2", "-b", Path.Combine(_image, "root.img"), "-F", "raw", RootDisk);
        string control = Path.Combine(directory, Name + ".qmp");
        File.Delete(control);
        ProcessStartInfo start = new("qemu-system-x86_64", [.. Arguments(control)]) { RedirectStandardError = true, RedirectStandardInput = true };
        _process = Process.Start(start)!;
        Task<string> errors = _process.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(BootLimit);
        while (!IsUp(control))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{Name}: QEMU ended: {await errors}\n{ReadConsole()}");
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{Name}: did not boot within {BootLimit.TotalSeconds:0} s\n{ReadConsole()}");
            // QEMU does not tell when it listens on its control socket.
            await Task.Delay(_poll, CancellationToken.None);
        }
        _qmp = await QmpConnection.ConnectAsync(control, limit.Token);
        _ssh = await SshMaster.StartAsync(directory, Name, _sshPort, BootLimit);
    }

    /// <summary>A bare machine writes when it admits a login. A host is asked until its SSH server answers.</summary>
    private bool IsUp(string control) =>
        definition.Kind == VmKind.Bare ? ReadConsole().Contains("ready", StringComparison.Ordinal) : File.Exists(control);

    /// <summary>Waits for the end of a shutdown that was asked for in the machine. The machine can be started again then.</summary>
    public async Task<TimeSpan> WaitUntilOffAsync(TimeSpan limit)
    {
        long start = TimeProvider.System.GetTimestamp();
        using CancellationTokenSource end = new(limit);
        try
        {
            await _process!.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name}: its shutdown did not end within {limit.TotalSeconds:0} s\n{ReadConsole()}");
        }
        await CutPowerAsync();
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>Runs a shell script as a user of the machine, in a login of its own with a terminal.</summary>
    public Task<CommandResult> LogInAsync(string user, string script, TimeSpan? limit = null) => _ssh!.LogInAsync(user, script, limit ?? TestHost.CommandLimit);

    /// <summary>Runs a shell script in the machine. The limit ends the wait, not the script.</summary>
    public Task<CommandResult> RunAsync(string script, TimeSpan? limit = null) => _ssh!.RunAsync(script, limit ?? TestHost.CommandLimit);

    /// <summary>Runs a shell script that must succeed. Returns its output without the last newline.</summary>
    public async Task<string> CheckedAsync(string script, TimeSpan? limit = null)
    {
        CommandResult result = await RunAsync(script, limit);
        Assert.True(result.ExitCode == 0, $"{Name}: {script}\nexit code {result.ExitCode}\n{result.Output}{result.Error}");
        return result.Output.TrimEnd('\n');
    }

    /// <summary>Stops the machine's time. Nothing in the machine runs or times out.</summary>
    public Task PauseAsync() => _qmp!.RunAsync("stop");

    public Task ResumeAsync() => _qmp!.RunAsync("cont");

    /// <summary>Unplugs or plugs one end of a cable. The other end keeps its carrier and loses packets.</summary>
    public Task SetLinkAsync(int number, bool up) =>
        _qmp!.RunAsync("set_link", $"{{\"name\":\"link{number}\",\"up\":{(up ? "true" : "false")}}}");

    /// <summary>Cuts the machine's power. Data that its kernel has not written to a disk is lost.</summary>
    public async Task CutPowerAsync()
    {
        if (_ssh is { } ssh)
            await ssh.DisposeAsync();
        _ssh = null;
        _qmp?.Dispose();
        _qmp = null;
        if (_process is not { } process)
            return;
        _process = null;
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public string ReadConsole() => File.Exists(Console) ? File.ReadAllText(Console) : "";

    public async ValueTask DisposeAsync() => await CutPowerAsync();

    private IEnumerable<string> Arguments(string control)
    {
        string start = definition.Kind == VmKind.Bare ? "init=/sbin/init-from-disk" : HostWords;
        string words = $"console=ttyS0 root=PARTUUID=4c5a1001-01 rootwait rw {start} mitigations=off quiet panic=-1 oops=panic vm.name={Name}";
        int number = 0;
        List<string> links = [];
        foreach (VmLink link in definition.Links)
        {
            number++;
            words += $" vm.address{number}={link.Address}";
            links.AddRange(Nic($"link{number}", $"dgram,local.type=unix,local.path={Path.Combine(directory, link.Local)},remote.type=unix,remote.path={Path.Combine(directory, link.Remote)}", link.Address));
        }
        string forward = $"user,restrict=on,hostfwd=tcp:127.0.0.1:{_sshPort}-:{SshPort}";
        if (definition.ForwardsNfs)
            forward += $",hostfwd=tcp:127.0.0.1:{NfsPort}-:{NfsGuestPort}";
        string memory = definition.MemoryMebibytes.ToString(CultureInfo.InvariantCulture);
        return
        [
            "-name", Name, "-accel", definition.Kind == VmKind.Bare ? "tcg,thread=multi,tb-size=64" : "tcg,thread=multi,tb-size=256", "-cpu", "max", "-machine", "q35", "-smp", "1", "-m", memory,
            "-nodefaults", "-display", "none", "-no-reboot", "-serial", "file:" + Console, "-qmp", $"unix:{control},server=on,wait=off",
            "-kernel", Path.Combine(_image, "vmlinuz"), "-append", words,
            "-device", "nvme,id=disks,serial=disks", .. Disk(1, RootDisk, "qcow2", isReadOnly: false),
            .. definition.Disks.SelectMany((disk, index) => Disk(index + 2, disk.File, "raw", disk.IsReadOnly)),
            .. Nic("management", forward, Name), .. links,
        ];
    }

    private static string ImageOf(VmKind kind) =>
        Environment.GetEnvironmentVariable(kind == VmKind.Bare ? "VM_IMAGE" : "VM_HOST_IMAGE") is { Length: > 0 } made ? made
            : throw new InvalidOperationException("VM_IMAGE and VM_HOST_IMAGE name no images: run these tests with scripts/test-vm");

    /// <summary>Data that the guest has flushed survives <see cref="CutPowerAsync"/> in this machine's page cache.</summary>
    private static string[] Disk(int number, string file, string format, bool isReadOnly)
    {
        string id = $"disk{number}";
        return
        [
            "-drive", $"if=none,id={id},file={file},format={format},cache=unsafe,discard=unmap{(isReadOnly ? ",readonly=on" : "")}",
            "-device", $"nvme-ns,drive={id},nsid={number}",
        ];
    }

    private static string[] Nic(string id, string netdev, string seed)
    {
        int hash = seed.Aggregate(17, (sum, c) => unchecked((sum * 31) + c));
        string mac = $"52:54:00:{(byte)(hash >> 16):x2}:{(byte)(hash >> 8):x2}:{(byte)hash:x2}";
        int comma = netdev.IndexOf(',', StringComparison.Ordinal);
        return ["-netdev", $"{netdev[..comma]},id={id}{netdev[comma..]}", "-device", $"virtio-net-pci,netdev={id},mac={mac},romfile="];
    }

    private static int FreePort()
    {
        // The port is below the ephemeral range, so that no outgoing connection takes it while the machine is off.
        while (true)
        {
            int port = Random.Shared.Next(20000, 32000);
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // The port is taken, so another port is tried.
            }
        }
    }
}
