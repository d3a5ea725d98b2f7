using Lofizone.Config;
using Lofizone.Logs;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// Zones of busybox alone on a directory of the host, in the state after an install. They serve tests of a boot and the time after it,
/// which need no packages.
/// </summary>
internal sealed class TinyZones
{
    private const int ImageBytes = 16 << 20;

    private readonly TestHost _host;
    private readonly ZoneHost _zones;
    private readonly List<string> _copies = [];
    private readonly string _share;
    private readonly string _uri;

    /// <summary>On a directory of the host.</summary>
    public TinyZones(TestHost host)
        : this(host, Directory.CreateDirectory(Path.Combine(host.Root, "tiny")).FullName)
    {
    }

    /// <summary>On a share that lies in a directory of this machine.</summary>
    public TinyZones(TestHost host, string directory, string? uri = null)
    {
        _host = host;
        _zones = new ZoneHost(host.Paths, new ProgramRunner(), TimeProvider.System, TestHost.ZoneBinary);
        (_share, _uri) = (directory, uri ?? $"dir:{directory}");
    }

    /// <summary>The report of the host's runtime about a zone.</summary>
    public RuntimeState State(string zone) => _zones.Runtime.State(zone);

    /// <summary>Makes a zone.</summary>
    /// <param name="name">The zone's name.</param>
    /// <param name="init">A script as init; null for busybox's own.</param>
    /// <param name="files">Other programs in the zone: scripts by their paths.</param>
    public Task AddAsync(string name, string? init, params (string Path, string Script)[] files) => AddAsync(name, init, "bin/busybox", files);

    /// <summary>Makes a zone that also has programs of this machine, with the libraries that they need.</summary>
    public async Task AddWithProgramsAsync(string name, string? init, params string[] programs)
    {
        foreach (string program in programs)
        {
            string libraries = await TestProgram.RunAsync("ldd", program);
            _copies.AddRange(libraries.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith('/')).Prepend(program));
        }

        await AddAsync(name, init);
        _copies.Clear();
    }

    /// <summary>Makes a zone whose busybox init counts as a systemd by its name, with the test's own systemctl.</summary>
    public Task AddSystemdAsync(string name, string systemctl) => AddAsync(name, init: null, "lib/systemd/systemd", [("bin/systemctl", systemctl)]);

    private async Task AddAsync(string name, string? init, string initProgram, (string Path, string Script)[] files)
    {
        string root = Path.Combine(_host.Root, "making", name);
        try
        {
            await FillAsync(Path.Combine(root, "root"), init, initProgram, files);
            foreach (string copy in _copies)
            {
                string target = Path.Combine(root, "root", copy.TrimStart('/'));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(copy, target, overwrite: true);
            }

            await MakeImageAsync(name, root);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        Configure(name, autoboot: false);
    }

    /// <summary>Makes zones as copies of another zone, to be booted at the host's start.</summary>
    public async Task CloneAsync(string from, params IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.Combine(_share, name));
            await TestProgram.RunAsync("cp", "--sparse=always", "--reflink=auto", Image(from), Image(name));
            Configure(name, autoboot: true);
        }
    }

    /// <summary>The report of <c>--wait</c> about a zone.</summary>
    /// <exception cref="LofizoneException">The zone did not come up.</exception>
    public async Task<string> WaitAsync(string name, TimeSpan limit)
    {
        Lines said = new();
        await new ZoneStart(_zones, name, said).WaitAsync(limit, CancellationToken.None);
        return said.Text;
    }

    /// <summary>Halts a zone whose init gets no time; returns the report.</summary>
    public async Task<string> HaltImpatientlyAsync(string name)
    {
        Lines said = new();
        ZoneHost host = new(_host.Paths, new ProgramRunner(), TimeProvider.System, TestHost.ZoneBinary) { ShutdownLimit = TimeSpan.FromMilliseconds(50) };
        await new Zone(host, name, new ZoneReporter(said, _host.Paths, name)).HaltAsync(HaltMode.Shutdown, CancellationToken.None);
        return said.Text;
    }

    private async Task MakeImageAsync(string name, string root)
    {
        Directory.CreateDirectory(Path.Combine(_share, name));
        await TestProgram.RunAsync("truncate", "-s", $"{ImageBytes}", Image(name));
        await TestProgram.RunAsync("mkfs.ext4", "-q", "-F", "-b", "4096", "-d", root, Image(name));
    }

    private void Configure(string name, bool autoboot)
    {
        ZoneRecord record = _zones.NewRecord(new ZoneConfig
        {
            Name = name,
            Uuid = Guid.NewGuid(),
            ZonePath = _host.Paths.ZonePath(name),
            Autoboot = autoboot,
            RootImage = new RootImage(_uri, ImageBytes, "ext4"),
        });
        File.WriteAllBytes(Path.Combine(_share, name, "zone.json"), ZoneConfigJson.Write(record.Config));
        _zones.Index.Save(record with { State = ZoneState.Installed });
    }

    private string Image(string name) => Path.Combine(_share, name, "root.img");

    private static async Task FillAsync(string root, string? init, string initProgram, (string Path, string Script)[] files)
    {
        foreach (string directory in new[] { "bin", "sbin", "etc", "proc", "sys", "dev", "run", "root", "tmp" })
            Directory.CreateDirectory(Path.Combine(root, directory));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        foreach (string applet in new[] { "sh", "cat", "ls", "sleep", "yes", "head", "touch", "test", "echo", "true", "false", "poweroff", "reboot", "mkdir", "dd", "id", "env", "mkfifo", "mv", "rm", "tty", "stty", "sync", "chown", "chmod", "ln", "stat", "readlink", "wc", "grep", "kill", "tar" })
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/inittab"), "console::respawn:-/bin/sh\n");
        if (init is null)
        {
            Directory.CreateDirectory(Path.Combine(root, Path.GetDirectoryName(initProgram)!));
            File.Copy("/bin/busybox", Path.Combine(root, initProgram), overwrite: true);
            File.CreateSymbolicLink(Path.Combine(root, "sbin/init"), "../" + initProgram);
        }

        foreach ((string path, string script) in init is null ? files : [("sbin/init", init), .. files])
        {
            string file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, script);
            File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        }
    }

    private sealed class Lines : IReporter
    {
        public string Text { get; private set; } = "";

        public void Line(string text) => Text += text + "\n";

        public void Progress(string text, long done, long total)
        {
            // Only lasting files count.
        }
    }
}
