using Lofizone.Install;

namespace Lofizone.Tests.Install;

public sealed class NativeInstallerTests : IDisposable
{
    private readonly MadeUpGlobalZone _global = new();

    public NativeInstallerTests() => _global.WithSystemd();

    [Fact]
    public async Task Packages_come_with_what_they_depend_on_and_nothing_else()
    {
        _global.Package("base", "Priority: required\nDepends: libfoo (>= 1) | libbar, mailer\n", "/usr/bin/base");
        _global.Package("libbar", "", "/usr/lib/libbar.so");
        _global.Package("postmaster", "Provides: mailer\n", "/usr/sbin/post");
        _global.Package("game", "Priority: optional\n", "/usr/games/game");
        Manifest manifest = await _global.InstallAsync();
        Assert.Equal(["base", "dpkg", "libbar", "postmaster", "systemd-sysv"], manifest.Packages.Select(p => p.Name));
        Assert.True(_global.Has("/usr/lib/libbar.so"));
        Assert.False(_global.Has("/usr/games/game"));
        Assert.DoesNotContain("Package: game", _global.Read("/var/lib/dpkg/status"));
    }

    [Fact]
    public async Task Files_of_a_merged_directory_land_behind_its_link()
    {
        _global.Package("shell", "Essential: yes\n", "/bin/sh", "/usr/bin/other");
        await _global.InstallAsync();
        Assert.Equal("usr/bin", new FileInfo(_global.Target + "/bin").LinkTarget);
        Assert.Equal("/bin/sh", _global.Read("/usr/bin/sh"));
    }

    [Fact]
    public async Task A_link_to_an_absolute_directory_does_not_lead_out_of_the_zone()
    {
        Directory.CreateDirectory(_global.Root + "/data/store");
        Directory.CreateDirectory(_global.Root + "/var/lib");
        File.CreateSymbolicLink(_global.Root + "/var/lib/store", "/data/store");
        _global.Write("/data/store/file", "here");
        _global.Package("store", "Essential: yes\n", "/var/lib/store");
        File.AppendAllText(_global.Root + "/var/lib/dpkg/info/store.list", "/var/lib/store/file\n");
        await _global.InstallAsync();
        Assert.Equal("/data/store", new FileInfo(_global.Target + "/var/lib/store").LinkTarget);
        Assert.Equal("here", _global.Read("/data/store/file"));
        Assert.False(Path.Exists("/data/store"));
    }

    [Fact]
    public async Task Hard_links_modes_times_and_capabilities_are_kept()
    {
        _global.Write("/usr/bin/one", "content");
        Lofizone.Interop.DirectoryHandle bin = Lofizone.Interop.DirectoryHandle.Open(_global.Root + "/usr/bin");
        using (bin)
            bin.MakeHardLink(bin, "one", "two");
        File.SetUnixFileMode(_global.Root + "/usr/bin/one", (UnixFileMode)0b100_111_101_101);
        File.SetLastWriteTimeUtc(_global.Root + "/usr/bin/one", new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // struct vfs_cap_data: CAP_NET_BIND_SERVICE, effective
        _global.Write("/usr/bin/three", "content");
        Lofizone.Interop.Xattrs.Set(_global.Root + "/usr/bin/three", "security.capability", capability);
        _global.Package("capable", "Essential: yes\n", "/usr/bin/three");
        _global.Package("links", "Essential: yes\n", "/usr/bin/one", "/usr/bin/two");
        await _global.InstallAsync();
        using Lofizone.Interop.DirectoryHandle copy = Lofizone.Interop.DirectoryHandle.Open(_global.Target + "/usr/bin");
        Assert.Equal(copy.TryStat("one")!.Inode, copy.TryStat("two")!.Inode);
        Assert.Equal(capability, Lofizone.Interop.Xattrs.Get(_global.Target + "/usr/bin/three", "security.capability"));
        Assert.Equal(0b100_111_101_101u, copy.TryStat("one")!.Mode);
        Assert.Equal(new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc), File.GetLastWriteTimeUtc(_global.Target + "/usr/bin/two"));
    }

    [Fact]
    public async Task Accounts_are_those_the_packages_name_and_no_password_comes_along()
    {
        _global.Package("daemon", "Essential: yes\n", "/usr/sbin/daemond");
        _global.Write("/var/lib/dpkg/info/daemon.postinst", "adduser --system daemond\nadduser ann\n");
        await _global.InstallAsync();
        Assert.Equal(["root", "daemond"], _global.Read("/etc/passwd").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(':')[0]));
        Assert.Contains("daemond:x:150:\n", _global.Read("/etc/group"));
        Assert.DoesNotContain("secret", _global.Read("/etc/shadow") + _global.Read("/etc/hosts"));
        Assert.Equal("web\n", _global.Read("/etc/hostname"));
    }

    [Fact]
    public async Task A_changed_configuration_file_is_copied_unless_it_may_hold_a_secret()
    {
        _global.Write("/etc/open.conf", "changed");
        _global.Write("/etc/closed.conf", "changed: password");
        File.SetUnixFileMode(_global.Root + "/etc/closed.conf", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string sum = new('0', 32);
        _global.Package("conf", $"Essential: yes\nConffiles:\n /etc/open.conf {sum}\n /etc/closed.conf {sum}\n /etc/gone.conf {sum}\n", "/etc/open.conf", "/etc/closed.conf", "/etc/gone.conf");
        File.Delete(_global.Root + "/etc/gone.conf");
        await _global.InstallAsync();
        Assert.Equal("changed", _global.Read("/etc/open.conf"));
        Assert.False(_global.Has("/etc/closed.conf"));
        Assert.Contains("/etc/open.conf (conf): changed in the global zone: copied as it is", _global.Log.ToString());
        Assert.Contains("/etc/closed.conf (conf): changed in the global zone and not readable by everyone: not copied", _global.Log.ToString());
        Assert.Contains("/etc/gone.conf (conf): removed in the global zone: not copied", _global.Log.ToString());
    }

    [Fact]
    public async Task A_source_with_credentials_stays_behind()
    {
        _global.Write("/etc/apt/sources.list", "deb http://deb.example/debian stable main\ndeb https://me:hunter2@repo.example/x stable main\n");
        _global.Write("/etc/apt/auth.conf", "machine repo.example login me password hunter2\n");
        await _global.InstallAsync();
        Assert.Equal("deb http://deb.example/debian stable main\n", _global.Read("/etc/apt/sources.list"));
        Assert.False(_global.Has("/etc/apt/auth.conf"));
        Assert.DoesNotContain("hunter2", _global.Log.ToString());
    }

    [Fact]
    public async Task A_diversion_by_a_package_left_behind_is_undone()
    {
        _global.Package("tool", "Essential: yes\n", "/usr/bin/tool");
        _global.Write("/usr/bin/tool", "the diverter's");
        _global.Write("/usr/bin/tool.real", "the tool's");
        _global.Write("/var/lib/dpkg/diversions", "/usr/bin/tool\n/usr/bin/tool.real\ndiverter\n");
        await _global.InstallAsync();
        Assert.Equal("the tool's", _global.Read("/usr/bin/tool"));
        Assert.Equal("", _global.Read("/var/lib/dpkg/diversions"));
    }

    [Fact]
    public async Task Alternatives_keep_only_choices_that_the_zone_has()
    {
        _global.Package("vi", "Essential: yes\n", "/usr/bin/vi.tiny");
        _global.Write("/var/lib/dpkg/alternatives/vi", "manual\n/usr/bin/vi\nvi.1\n/usr/share/man/vi.1\n\n/usr/bin/vi.huge\n90\n/m/huge\n/usr/bin/vi.tiny\n10\n\n\n");
        await _global.InstallAsync();
        Assert.Equal("/usr/bin/vi.tiny", new FileInfo(_global.Target + "/etc/alternatives/vi").LinkTarget);
        Assert.Equal("auto\n/usr/bin/vi\nvi.1\n/usr/share/man/vi.1\n\n/usr/bin/vi.tiny\n10\n\n\n", _global.Read("/var/lib/dpkg/alternatives/vi"));
    }

    [Fact]
    public async Task Excluded_documentation_may_be_missing_but_a_program_may_not()
    {
        _global.Write("/etc/dpkg/dpkg.cfg.d/slim", "path-exclude=/opt/doc/*\npath-include=/opt/doc/keep\n");
        _global.Package("full", "Essential: yes\n", "/opt/doc/a", "/usr/bin/full");
        _global.Write("/var/lib/dpkg/info/full.md5sums", $"{new string('0', 32)}  opt/doc/a\n{new string('0', 32)}  usr/bin/full\n");
        File.Delete(_global.Root + "/opt/doc/a");
        await _global.InstallAsync();
        Assert.Contains("1 files are missing as dpkg's path-exclude options", _global.Log.ToString());

        Directory.Delete(_global.Target, recursive: true);
        Directory.CreateDirectory(_global.Target);
        File.Delete(_global.Root + "/usr/bin/full");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _global.InstallAsync());
        Assert.StartsWith("/usr/bin/full: missing in the global zone", error.Message);
        Assert.Equal("run: apt-get install --reinstall full", error.Advice);
    }

    [Fact]
    public async Task Without_systemd_busybox_is_the_init()
    {
        using MadeUpGlobalZone bare = new();
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => bare.InstallAsync());
        Assert.Contains("busybox-static", error.Message);
        bare.Package("busybox-static", "", "/bin/busybox");
        Manifest manifest = await bare.InstallAsync();
        Assert.Equal(Manifest.BusyboxInit, manifest.Init);
        Assert.Equal("/bin/busybox", new FileInfo(bare.Target + "/usr/sbin/init").LinkTarget);
        Assert.Contains("::askfirst:", bare.Read("/etc/inittab"));
    }

    [Theory]
    [InlineData(false, "absent (>= 2)")]
    [InlineData(true, "package needy: half-configured")]
    public async Task What_cannot_be_copied_is_named_before_anything_is_written(bool isBroken, string named)
    {
        _global.PackageIn(isBroken ? "install ok half-configured" : "install ok installed", "needy", "Priority: required\nDepends: absent (>= 2)\n");
        Assert.Contains(named, (await Assert.ThrowsAsync<LofizoneException>(() => _global.InstallAsync())).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_global.Target));
    }

    [Fact]
    public async Task A_host_without_dpkg_and_a_target_in_use_are_refused()
    {
        File.WriteAllText(_global.Target + "/precious", "");
        Assert.Contains("is not empty", (await Assert.ThrowsAsync<LofizoneException>(() => _global.InstallAsync())).Message);
        File.Delete(_global.Root + "/var/lib/dpkg/status");
        Assert.Contains("managed by dpkg", (await Assert.ThrowsAsync<LofizoneException>(() => _global.InstallAsync())).Message);
    }

    [Fact]
    public async Task Packages_are_initialised_after_what_they_depend_on_even_in_circles()
    {
        _global.Package("a", "Essential: yes\nDepends: b\n");
        _global.Package("b", "Depends: c\n");
        _global.Package("c", "Depends: b, d\n");
        _global.Package("d", "");
        await _global.InstallAsync();
        string status = _global.Read("/var/lib/dpkg/status");
        int[] places = [.. ((string[])["d", "b", "a"]).Select(p => status.IndexOf($"Package: {p}\n", StringComparison.Ordinal))];
        Assert.Equal(places.Order(), places);
        Assert.Contains("initialised together:", _global.Log.ToString());
    }

    public void Dispose() => _global.Dispose();
}
