using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Runtime.Oci;

namespace Lofizone.Integration.Tests.Runtime;

/// <summary>A host below a temporary directory, with busybox zones whose roots are on ext4 images on loop devices.</summary>
public sealed class RuntimeHost : IAsyncDisposable
{
    private const long ImageBytes = 32 << 20;
    private static int _nextIdBase = (int)UidRanges.First;
    private readonly ProgramRunner _programs = new();
    private readonly List<ZoneLaunch> _zones = [];

    public RuntimeHost()
    {
        Root = Directory.CreateTempSubdirectory("lofizone-runtime-").FullName;
        File.SetUnixFileMode(Root, (UnixFileMode)0b111_101_101);
        Paths = new HostPaths(Root);
        Runtime = new ZoneRuntime(Paths, _programs, new KernelCalls(_programs, ZoneBinary), ZoneBinary, TimeProvider.System);
    }

    public static string ZoneBinary => Path.Combine(AppContext.BaseDirectory, "zone");

    public string Root { get; }

    public HostPaths Paths { get; }

    /// <summary>A runtime that knows only the host's paths, as a new process does.</summary>
    public ZoneRuntime Runtime { get; }

    public string Cgroup(string hierarchy, string zone) => $"/sys/fs/cgroup/{hierarchy}/lofizone-{Paths.Tag}/{zone}";

    /// <summary>Makes an image with busybox, and mounts it at a zonepath.</summary>
    public async Task<ZoneLaunch> MakeZoneAsync(string name, params NetResource[] net)
    {
        string image = Path.Combine(Root, name + ".img");
        string zonePath = Path.Combine(Root, "zones", name);
        using (FileStream file = File.Create(image))
            file.SetLength(ImageBytes);
        Directory.CreateDirectory(zonePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await RunAsync("mkfs.ext4", "-q", "-F", "-b", "4096", image);
        await RunAsync("mount", "-o", "loop,nosuid,nodev", image, zonePath);
        string root = Path.Combine(zonePath, "root");
        foreach (string directory in new[] { "bin", "sbin", "etc", "proc", "sys", "dev", "run", "root", "tmp" })
            Directory.CreateDirectory(Path.Combine(root, directory));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        foreach (string applet in new[] { "sh", "cat", "ls", "id", "poweroff", "reboot", "ip", "ping", "env", "kill", "sleep", "touch", "stty", "readlink", "grep", "stat", "mount", "chown", "chmod", "head", "yes", "seq", "true", "umount" })
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        File.CreateSymbolicLink(Path.Combine(root, "sbin/init"), "/bin/busybox");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/inittab"), "console::respawn:-/bin/sh\n::ctrlaltdel:/bin/reboot\n");
        ZoneLaunch launch = new()
        {
            Name = name,
            RootDirectory = root,
            UidBase = (uint)Interlocked.Add(ref _nextIdBase, (int)UidRanges.RangeSize),
            Net = net,
            ConsoleLog = Path.Combine(Paths.Log, $"{name}.console.log"),
            ExitCommand = ["/bin/busybox", "touch", Path.Combine(Root, name + ".exited")],
        };
        _zones.Add(launch);
        return launch;
    }

    public async Task<ZoneLaunch> BootZoneAsync(string name, params NetResource[] net)
    {
        ZoneLaunch launch = await MakeZoneAsync(name, net);
        await BootAsync(launch);
        return launch;
    }

    public async Task BootAsync(ZoneLaunch launch)
    {
        await Runtime.CloneRootAsync(launch);
        await Runtime.CreateAsync(launch);
        await Runtime.PlumbNetworkAsync(launch);
        await Runtime.StartAsync(launch.Name);
    }

    /// <summary>Runs a command in a zone and reads its output.</summary>
    public async Task<(int Code, string Output)> InZoneAsync(string zone, params string[] command)
    {
        string output = Path.Combine(Root, $"output-{Guid.NewGuid():N}");
        using FileDescriptor nothing = DescriptorPath.Open("/dev/null", DescriptorPath.ReadOnly);
        using FileDescriptor said = Files.Open(output, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Append, 0x180);
        int code = await Runtime.ExecAsync(zone, command, terminal: false, new LoginStreams(nothing.Number, said.Number, said.Number));
        return (code, await File.ReadAllTextAsync(output));
    }

    public Task<ProgramResult> RunAsync(string program, params string[] arguments) => _programs.RunCheckedAsync(new ProgramCall(program, arguments), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (ZoneLaunch zone in _zones)
        {
            await Runtime.DeleteAsync(zone.Name);
            await _programs.RunAsync(new ProgramCall("umount", Path.GetDirectoryName(zone.RootDirectory)!), CancellationToken.None);
        }

        foreach (string hierarchy in Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"))
        {
            string parent = Path.Combine(hierarchy, "lofizone-" + Paths.Tag);
            if (Directory.Exists(parent))
                await _programs.RunAsync(new ProgramCall("rmdir", parent), CancellationToken.None);
        }

        Directory.Delete(Root, recursive: true);
    }
}
