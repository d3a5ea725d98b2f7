using Lofizone.Install;
using Lofizone.Programs;
using Lofizone.Runtime;

namespace Lofizone.Tests.Install;

/// <summary>A small made-up global zone managed by dpkg, and an empty zone root beside it.</summary>
internal sealed class MadeUpGlobalZone : IProgramRunner, IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("lofizone-global-").FullName;
    private readonly List<string> _status = [];

    public MadeUpGlobalZone()
    {
        Directory.CreateDirectory(Target);
        foreach (string directory in (string[])["usr/bin", "usr/sbin", "etc", "var/lib/dpkg/info", "var/lib/dpkg/alternatives", "var/lib/dpkg/triggers"])
            Directory.CreateDirectory(Path.Combine(Root, directory));
        File.CreateSymbolicLink(Root + "/bin", "usr/bin");
        File.CreateSymbolicLink(Root + "/sbin", "usr/sbin");
        Write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann:/home/ann:/bin/bash\ndaemond:x:150:150::/:/bin/false\nother:x:151:151::/:/bin/false\n");
        Write("/etc/group", "root:x:0:\nann:x:1000:\ndaemond:x:150:ann\nshadow:x:42:ann\n");
        Write("/etc/shadow", "root:$y$secret:1::::::\n");
        Write("/etc/hosts", "192.0.2.1 secret-host\n");
        Write("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        Package("dpkg", "Essential: yes\n", "/usr/bin/dpkg");
    }

    public string Root => Directory.CreateDirectory(Path.Combine(_base, "global")).FullName;

    public string Target => Path.Combine(_base, "zone");

    public List<ProgramCall> Calls { get; } = [];

    public StringWriter Log { get; } = new();

    public void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        File.WriteAllText(Root + path, content);
    }

    public string Read(string path) => File.ReadAllText(Target + path);

    public bool Has(string path) => new FileInfo(Target + path) is { } file && (file.Exists || file.LinkTarget is not null || Directory.Exists(Target + path));

    /// <summary>Adds an installed package with these files. A file that doesn't exist yet gets its own path as content.</summary>
    public void Package(string name, string fields, params string[] files) => PackageIn("install ok installed", name, fields, files);

    public void PackageIn(string state, string name, string fields, params string[] files)
    {
        _status.Add($"Package: {name}\nStatus: {state}\nArchitecture: amd64\nVersion: 1.0\n{fields}");
        Write("/var/lib/dpkg/status", string.Join("\n", _status));
        Write($"/var/lib/dpkg/info/{name}.list", "/.\n" + string.Concat(files.Select(f => f + "\n")));
        foreach (string file in files.Where(f => !Path.Exists(Root + f)))
            Write(file, file);
    }

    /// <summary>Gives an added package a version other than 1.0.</summary>
    public void SetVersion(string name, string version)
    {
        int index = _status.FindIndex(p => p.StartsWith($"Package: {name}\n", StringComparison.Ordinal));
        _status[index] = _status[index].Replace("\nVersion: 1.0\n", $"\nVersion: {version}\n", StringComparison.Ordinal);
        Write("/var/lib/dpkg/status", string.Join("\n", _status));
    }

    /// <summary>Makes the zone bootable, so that an install can succeed.</summary>
    public void WithSystemd() => Package("systemd-sysv", "", "/sbin/init");

    public Task<Manifest> InstallAsync() => new NativeInstaller(new ConfinedTree(this, "zone"), TimeProvider.System, Root)
        .InstallAsync(Target, "web", 1 << 30, SilentReporter.Instance, Log, TestContext.Current.CancellationToken);

    public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        Calls.Add(call);
        return Task.FromResult(new ProgramResult(0, "", ""));
    }

    public string? Find(string program) => program;

    public void Dispose() => Directory.Delete(_base, recursive: true);
}
