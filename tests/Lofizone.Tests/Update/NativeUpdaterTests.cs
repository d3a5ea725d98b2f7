using System.Security.Cryptography;
using System.Text;
using Lofizone.Install;
using Lofizone.Install.Update;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing;
using Lofizone.Tests.Install;

namespace Lofizone.Tests.Update;

/// <summary>A zone that is made from one global zone, and updated from another.</summary>
public sealed class NativeUpdaterTests : IDisposable, IProgramRunner
{
    private readonly MadeUpGlobalZone _old = new();
    private readonly MadeUpGlobalZone _new = new();
    private readonly string _zonePath = Directory.CreateTempSubdirectory("lofizone-update-").FullName;
    private readonly StringWriter _log = new();

    [Fact]
    public async Task Files_of_an_older_package_are_replaced_and_removed_and_dpkg_knows_it()
    {
        Directory.CreateDirectory(_old.Root + "/usr/lib/tool");
        Tool(_old, "1.0", "/usr/bin/tool", "/usr/bin/gone", "/usr/lib/tool", "/usr/lib/tool/plugin");
        Tool(_new, "1.1", "/usr/bin/tool", "/usr/bin/more");
        _new.Write("/usr/bin/tool", "newer");
        await InstallAsync();
        Assert.Equal([new ManifestPackage("tool", "1.1", "amd64")], await UpdateAsync(UpdateKind.Needed));

        // The root itself is unchanged until the two trees are exchanged.
        Assert.Equal("/usr/bin/tool", Read("/usr/bin/tool"));
        NativeUpdater.Exchange(_zonePath);
        Assert.Equal("newer", Read("/usr/bin/tool"));
        Assert.Equal("/usr/bin/more", Read("/usr/bin/more"));
        Assert.False(Path.Exists(At("/usr/bin/gone")));
        Assert.False(Path.Exists(At("/usr/lib/tool")));
        Assert.Contains("Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.1\n", Read("/var/lib/dpkg/status"), StringComparison.Ordinal);
        Assert.DoesNotContain("gone", Read("/var/lib/dpkg/info/tool.list"), StringComparison.Ordinal);
        Assert.Equal("/usr/bin/tool", File.ReadAllText(Path.Combine(_zonePath, NativeUpdater.CloneName, "usr/bin/tool")));
        NativeUpdater.Discard(_zonePath, TestContext.Current.CancellationToken);
        Assert.Equal(["root"], Directory.EnumerateFileSystemEntries(_zonePath).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Configuration_files_are_kept_as_dpkg_keeps_them()
    {
        string[] files = ["/etc/same", "/etc/mine", "/etc/removed"];
        Conffiles(_old, "1.0", files);
        foreach (string file in files)
            _new.Write(file, "newer " + file);
        Conffiles(_new, "1.1", files);
        await InstallAsync();
        await File.WriteAllTextAsync(At("/etc/mine"), "by the administrator", TestContext.Current.CancellationToken);
        File.Delete(At("/etc/removed"));
        await UpdateAsync(UpdateKind.Needed);
        NativeUpdater.Exchange(_zonePath);
        Assert.Equal("newer /etc/same", Read("/etc/same"));
        Assert.Equal("by the administrator", Read("/etc/mine"));
        Assert.Equal("newer /etc/mine", Read("/etc/mine.dpkg-dist"));
        Assert.False(Path.Exists(At("/etc/removed")));
        Assert.Contains("/etc/mine (tool): changed in the zone: kept", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_file_that_the_new_version_lacks_stays_and_is_marked_obsolete()
    {
        Conffiles(_old, "1.0", "/etc/former");
        Tool(_new, "1.1");
        await InstallAsync();
        await UpdateAsync(UpdateKind.Needed);
        NativeUpdater.Exchange(_zonePath);
        Assert.Equal("/etc/former", Read("/etc/former"));
        Assert.Contains($"Conffiles:\n /etc/former {Md5("/etc/former")} obsolete", Read("/var/lib/dpkg/status"), StringComparison.Ordinal);
        Assert.Contains("/etc/former\n", Read("/var/lib/dpkg/info/tool.list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_dependency_comes_along_and_packages_of_the_zones_own_stay()
    {
        Tool(_old, "1.0", "/usr/bin/tool");
        await InstallAsync();
        Register("own", "1.0", "");
        _new.Package("tool", "Essential: yes\nDepends: libnew (>= 2)\n", "/usr/bin/tool");
        _new.SetVersion("tool", "1.1");
        _new.Package("libnew", "", "/usr/lib/libnew.so");
        _new.SetVersion("libnew", "2.0");
        Assert.Equal(["libnew", "tool"], (await UpdateAsync(UpdateKind.Needed)).Select(p => p.Name));
        NativeUpdater.Exchange(_zonePath);
        Assert.Equal("/usr/lib/libnew.so", Read("/usr/lib/libnew.so"));
        Assert.Contains("Package: own\n", Read("/var/lib/dpkg/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_that_would_break_a_package_of_the_zones_own_is_refused()
    {
        Tool(_old, "1.0", "/usr/bin/tool");
        await InstallAsync();
        Register("own", "1.0", "Depends: tool (= 1.0)\n");
        Tool(_new, "1.1", "/usr/bin/tool");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => UpdateAsync(UpdateKind.Needed));
        Assert.Contains("own depends on tool (= 1.0)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Modes_links_and_empty_directories_of_the_zone_are_in_the_copy()
    {
        Tool(_old, "1.0", "/usr/bin/tool");
        Tool(_new, "1.1", "/usr/bin/tool");
        await InstallAsync();
        Directory.CreateDirectory(At("/srv/data"), (UnixFileMode)0b111_000_000);
        File.CreateSymbolicLink(At("/srv/link"), "/etc/passwd");
        await File.WriteAllTextAsync(At("/srv/data/file"), "kept", TestContext.Current.CancellationToken);
        await UpdateAsync(UpdateKind.Needed);
        NativeUpdater.Exchange(_zonePath);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(At("/srv/data")));
        Assert.Equal("/etc/passwd", new FileInfo(At("/srv/link")).LinkTarget);
        Assert.Equal("kept", Read("/srv/data/file"));
        using DirectoryHandle root = DirectoryHandle.Open(_zonePath);
        Assert.Equal(0x1EDu, root.TryStat("root")!.Mode);
    }

    [Theory]
    [InlineData("+i", "/srv/kept", "/srv/kept")]
    [InlineData("+a", "/srv/kept", "/srv/kept")]
    [InlineData("+i", "/srv/kept", "/srv")]
    public async Task What_is_immutable_or_append_only_stops_an_update_with_its_name_and_stays_as_it_is(string attribute, string file, string locked)
    {
        Tool(_old, "1.0", "/usr/bin/tool");
        Tool(_new, "1.1", "/usr/bin/tool");
        _new.Write("/usr/bin/tool", "newer");
        await InstallAsync();
        await File.WriteAllTextAsync(At(file), "kept", TestContext.Current.CancellationToken);
        await TestProgram.RunAsync("chattr", attribute, At(locked));
        try
        {
            LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => UpdateAsync(UpdateKind.Needed));
            Assert.Contains($"{Path.GetFileName(locked)} in it can't be copied, since it is immutable or append-only; its root is as it was", error.Message, StringComparison.Ordinal);
            Assert.Contains("chattr -i -a", error.Advice, StringComparison.Ordinal);
            NativeUpdater.Discard(_zonePath, TestContext.Current.CancellationToken);
            Assert.Equal(["root"], Directory.EnumerateFileSystemEntries(_zonePath).Select(Path.GetFileName));
            Assert.Equal(("kept", "/usr/bin/tool"), (Read(file), Read("/usr/bin/tool")));
            Assert.Contains(attribute[1], (await TestProgram.RunAsync("lsattr", "-d", At(locked))).Split(' ')[0]);
        }
        finally
        {
            await TestProgram.RunAsync("chattr", "-" + attribute[1..], At(locked));
        }
    }

    public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation) => Task.FromResult(new ProgramResult(0, "", ""));

    public string? Find(string program) => program;

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
        Directory.Delete(_zonePath, recursive: true);
    }

    private async Task InstallAsync()
    {
        _old.WithSystemd();
        _new.WithSystemd();
        string root = Path.Combine(_zonePath, "root");
        Directory.CreateDirectory(root, (UnixFileMode)0b111_101_101);
        await new NativeInstaller(new ConfinedTree(this, "zone"), TimeProvider.System, _old.Root).InstallAsync(root, "web", 1 << 30, SilentReporter.Instance, _log, TestContext.Current.CancellationToken);
    }

    private Task<IReadOnlyList<ManifestPackage>> UpdateAsync(UpdateKind kind) =>
        new NativeUpdater(new ConfinedTree(this, "zone"), TimeProvider.System, _new.Root).PrepareAsync(_zonePath, "web", 1 << 30, kind, _log, TestContext.Current.CancellationToken);

    private static void Tool(MadeUpGlobalZone system, string version, params string[] files)
    {
        system.Package("tool", "Essential: yes\n", files);
        system.SetVersion("tool", version);
    }

    private static void Conffiles(MadeUpGlobalZone system, string version, params string[] files)
    {
        foreach (string file in files.Where(f => !File.Exists(system.Root + f)))
            system.Write(file, file);
        system.Package("tool", "Essential: yes\nConffiles:\n" + string.Concat(files.Select(f => $" {f} {Md5(File.ReadAllText(system.Root + f))}\n")), files);
        system.SetVersion("tool", version);
    }

    /// <summary>A package that was installed inside the zone.</summary>
    private void Register(string name, string version, string fields)
    {
        File.AppendAllText(At("/var/lib/dpkg/status"), $"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n{fields}\n");
        File.WriteAllText(At($"/var/lib/dpkg/info/{name}.list"), "/.\n");
    }

    private string At(string path) => Path.Combine(_zonePath, "root") + path;

    private string Read(string path) => File.ReadAllText(At(path));

    private static string Md5(string text)
    {
#pragma warning disable CA5351 // As dpkg's database has them.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
    }
}
